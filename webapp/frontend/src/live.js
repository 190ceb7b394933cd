// Keeps an open page up to date: every few seconds it asks one number, and only when that has changed fetches the page
// again and brings the marked parts of this one up to date in place. Focus, ticks, selection, the place one has scrolled
// to and everything that is typed stay. Without this script a page is as old as its last loading, and all works.
//
//   <body data-live-at data-live-of data-live-state>    where to ask, of what (signed), how things stood when drawn
//   data-live="name"                                    a part whose content is replaced
//   data-live-list … tr data-live-row="id"              a table whose rows come, go and change one by one
//   data-live-case, data-told                           a case: held up or over, and what is said when that has changed
//   data-live-task, data-told                           a task: what is said when somebody else has changed it
//
// It stops in a hidden window, asks less often while the server does not answer, and ends with the login. Its requests
// are marked, so that a page that was left open is not taken for somebody at work.

import { changed } from './unsaved.js';

const EVERY = 3000;
const LONGEST = 60000;
const TRIES_BEFORE_TELLING = 3;
const QUIET = { 'X-Fashen-Live': '1' };

const body = document.body.dataset;
const news = document.getElementById('live-news');
let state = body.liveState ?? '';
let known = false; // whether the number of unread notices stands on the page already
let failures = 0;
let timer = 0;
let asking = false;

/** Reads something out without showing it, or without moving anything. */
function announce(text) {
  news.textContent = '';
  window.setTimeout(() => { news.textContent = text; }, 50); // the same words twice are news twice
}

/** Shows a lasting line above the page; another under the same name takes its place. No text takes it away. */
function line(name, text, link, address) {
  const place = document.querySelector('.messages');
  place.querySelector(`[data-line="${name}"]`)?.remove();
  if (!text) return;
  const made = document.createElement('p');
  made.className = 'message message-live';
  made.dataset.line = name;
  made.textContent = text;
  if (link) {
    const way = document.createElement('a');
    way.href = address;
    way.textContent = link;
    if (name === 'logged-out') way.target = '_blank';
    made.append(' ', way);
  }
  place.append(made);
}

function showUnread(count) {
  document.querySelectorAll('[data-live-unread]').forEach((badge) => {
    badge.hidden = !count;
    const number = document.createElement('span');
    number.setAttribute('aria-hidden', 'true');
    number.textContent = count > 99 ? '99+' : String(count);
    const words = document.createElement('span');
    words.className = 'visually-hidden';
    words.textContent = badge.dataset.text.replace('{n}', number.textContent);
    badge.replaceChildren(number, words);
  });
}

// --- parts of the page ------------------------------------------------------------------------------------------------

const markup = (element) => element.innerHTML.replace(/\s+/g, ' ');

/** What somebody wrote, ticked or chose there and has not sent. */
function typedIn(element) {
  return [...element.querySelectorAll('input, textarea, select')].some((field) => {
    return field.type !== 'hidden' && !field.matches('[data-tick-all]') && changed(field);
  });
}

/** The same link or button in an element that was drawn anew, to give it the focus again. */
function twin(element, old) {
  const same = (one) => one.tagName === old.tagName && one.getAttribute('href') === old.getAttribute('href')
    && one.getAttribute('name') === old.getAttribute('name') && one.textContent.trim() === old.textContent.trim();
  return [...element.querySelectorAll('a[href], button, input, select, textarea, summary')].find(same) ?? null;
}

function renew(old, fresh) {
  if (markup(old) === markup(fresh)) return false;
  if (typedIn(old) || old.querySelector('details[open]')) return false;
  const focus = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceChildren(...document.importNode(fresh, true).childNodes);
  if (focus) (twin(old, focus) ?? document.getElementById('main')).focus({ preventScroll: true });
  return true;
}

// --- rows -------------------------------------------------------------------------------------------------------------

/** A row as the server draws it: ticks and marks of this window are not part of it. */
const drawn = new WeakMap();
const rowsOf = (list) => [...list.querySelectorAll('tr[data-live-row]')];

function mark(row) {
  row.classList.add('row-new');
  window.setTimeout(() => row.classList.remove('row-new'), 6000);
}

/** Cell by cell, so that the cell with the focus stays where nothing changed in it. */
function redraw(row, fresh) {
  const focus = row.contains(document.activeElement) ? document.activeElement : null;
  const box = row.querySelector('input[name=row]');
  const ticked = box?.checked;
  [...row.cells].forEach((cell, n) => {
    if (fresh.cells[n] && markup(cell) !== markup(fresh.cells[n])) {
      cell.replaceChildren(...document.importNode(fresh.cells[n], true).childNodes);
    }
  });
  const now = row.querySelector('input[name=row]');
  if (now && ticked) now.checked = true;
  if (focus && !focus.isConnected) (twin(row, focus) ?? row.querySelector('[data-open]'))?.focus({ preventScroll: true });
}

/** Puts rows in order and moves none that is in its place already, nor the one with the focus. */
function order(bodyOfRows, wanted) {
  const held = wanted.find((row) => row.contains(document.activeElement));
  let cursor = bodyOfRows.firstElementChild;
  for (const row of wanted) {
    if (row === held) {
      while (cursor && cursor !== row) {
        const next = cursor.nextElementSibling;
        bodyOfRows.append(cursor);
        cursor = next;
      }
    }
    if (row === cursor) cursor = cursor.nextElementSibling;
    else bodyOfRows.insertBefore(row, cursor);
  }
}

/** The row that stands still on the screen while others come and go: the one with the focus, else the first in sight. */
function anchor(list) {
  const rows = rowsOf(list);
  const row = rows.find((one) => one.contains(document.activeElement))
    ?? rows.find((one) => one.getBoundingClientRect().bottom > 0);
  return row ? { row, top: row.getBoundingClientRect().top } : null;
}

function merge(list, fresh) {
  const old = new Map(rowsOf(list).map((row) => [row.dataset.liveRow, row]));
  const wanted = rowsOf(fresh);
  const counts = { added: 0, gone: 0, changed: 0 };
  const still = anchor(list);
  const focused = rowsOf(list).findIndex((row) => row.contains(document.activeElement));
  const kept = wanted.map((row) => {
    const before = old.get(row.dataset.liveRow);
    old.delete(row.dataset.liveRow);
    if (!before) {
      counts.added += 1;
      const made = document.importNode(row, true);
      drawn.set(made, markup(row));
      mark(made);
      return made;
    }
    if ((drawn.get(before) ?? markup(before)) !== markup(row)) {
      counts.changed += 1;
      redraw(before, row);
      mark(before);
    }
    drawn.set(before, markup(row));
    return before;
  });
  counts.gone = old.size;
  const lost = [...old.values()].some((row) => row.contains(document.activeElement));
  old.forEach((row) => row.remove());
  order(list.querySelector('tbody'), kept);
  if (lost) { // one stands on the next row, not at the top of the page
    const next = kept[Math.min(focused, kept.length - 1)]?.querySelector('[data-open]');
    (next ?? document.getElementById('main')).focus({ preventScroll: true });
  } else if (still?.row.isConnected) {
    window.scrollBy({ top: still.row.getBoundingClientRect().top - still.top, behavior: 'instant' });
  }
  return counts;
}

function updateList(fresh) {
  const list = document.querySelector('[data-live-list]');
  const other = fresh.querySelector('[data-live-list]');
  if (!list || !other) return;
  const columns = (one) => [...one.querySelectorAll('thead th')].map((cell) => cell.textContent.trim()).join('|');
  if (list.querySelector('tbody') && other.querySelector('tbody') && columns(list) === columns(other)) {
    tell(merge(list, other));
  } else if (markup(list) !== markup(other)) { // an empty list gets its first rows, or a list its last end
    const counts = { added: rowsOf(other).length, gone: rowsOf(list).length, changed: 0 };
    if (renew(list, other)) tell(counts);
    else announce(news.dataset.waiting);
  }
  document.dispatchEvent(new CustomEvent('fashen:rows'));
}

function tell(counts) {
  const said = Object.entries(counts).filter(([, count]) => count)
    .map(([name, count]) => news.dataset[name].replace('{n}', count));
  if (said.length) announce(news.dataset.list + said.join(news.dataset.between));
}

// --- a task -----------------------------------------------------------------------------------------------------------

const version = (page) => page.querySelector('#answer [name=seen]')?.value;

/** A part of a form that would now be refused: its buttons are off, and beside them stands why. */
function bar(part, why) {
  part.querySelectorAll('button:not([type=button])').forEach((button) => {
    button.disabled = true;
    button.title = why;
    button.setAttribute('aria-describedby', 'held');
  });
  const said = part.querySelector(':scope > .why-not') ?? part.appendChild(document.createElement('p'));
  said.className = 'why-not';
  said.id = 'held';
  said.textContent = why;
}

/** The buttons of a part of a form as the server draws them now: off with the reason, or on again. */
function agree(part, fresh) {
  part.querySelectorAll('button').forEach((button) => {
    const now = twin(fresh, button);
    for (const name of now ? ['disabled', 'title', 'aria-describedby'] : []) {
      if (now.hasAttribute(name)) button.setAttribute(name, now.getAttribute(name));
      else button.removeAttribute(name);
    }
  });
  part.querySelector(':scope > .why-not')?.remove();
  const why = fresh.querySelector(':scope > .why-not');
  if (why) part.append(document.importNode(why, true));
}

/** A case was held up, goes on, has ended, or went a step further: say so where its page lies open. */
function updateCase(fresh) {
  const told = fresh.querySelector('[data-live-case]')?.dataset;
  const here = document.querySelector('[data-live-case]')?.dataset;
  if (!told || !here || (told.liveCase === here.liveCase && told.version === here.version)) return;
  const text = told.liveCase === here.liveCase ? news.dataset.changedCase : told.told;
  if (document.querySelector('[data-line=case]')?.firstChild?.textContent !== text) {
    line('case', text, news.dataset.reload, window.location.href);
  }
}

/** Somebody took the task, or changed it, while one reads or writes: say so, and leave what is typed alone. */
function updateTask(fresh) {
  const told = fresh.querySelector('[data-live-task]');
  const here = document.querySelector('[data-live-task]');
  if (!told || !here) return;
  const parts = ['#answer .answer-acts', '.note-act'].map((name) => [document.querySelector(name), fresh.querySelector(name)]);
  if (version(document) === version(fresh)) { // the step is as it was: perhaps its case was held up, or goes on
    parts.forEach(([ours, theirs]) => { if (ours && theirs) agree(ours, theirs); });
    if (here.dataset.case !== told.dataset.case) line('task', told.dataset.toldCase, news.dataset.reload, window.location.href);
    else if (document.querySelector('[data-line=task]')) line('task', '');
    return;
  }
  const text = parts[0].every(Boolean) ? news.dataset.changedTask : told.dataset.told;
  if (document.querySelector('[data-line=task]')?.firstChild?.textContent !== text) {
    line('task', text, news.dataset.reload, window.location.href);
  }
  parts.forEach(([ours, theirs]) => { if (ours && !theirs) bar(ours, text); }); // no longer one's own: it would be refused
}

// --- asking -----------------------------------------------------------------------------------------------------------

async function fetchPage() {
  const answer = await fetch(window.location.href, { headers: QUIET, cache: 'no-store', credentials: 'same-origin' });
  if (!answer.ok || !answer.headers.get('Content-Type')?.startsWith('text/html')) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (!fresh.body.dataset.liveAt) return; // the login has ended meanwhile: the next question is answered so
  document.querySelectorAll('[data-live]').forEach((part) => {
    const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (other) renew(part, other);
  });
  updateList(fresh);
  updateTask(fresh);
  updateCase(fresh);
  state = fresh.body.dataset.liveState || state;
}

function ended() {
  line('away', '');
  line('logged-out', news.dataset.loggedOut, news.dataset.login, body.liveLogin);
  announce('');
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  window.clearTimeout(timer);
  try {
    const address = body.liveOf ? `${body.liveAt}?of=${encodeURIComponent(body.liveOf)}` : body.liveAt;
    const headers = { ...QUIET, Accept: 'application/json', ...(known ? { 'If-None-Match': `"${state}"` } : {}) };
    const answer = await fetch(address, { headers, cache: 'no-store', credentials: 'same-origin' });
    if (answer.status === 401) {
      ended();
      return; // for good: whoever logs in again loads a page
    }
    if (answer.status === 200) {
      const found = (await answer.json()).unread;
      const now = answer.headers.get('ETag')?.replace(/^(W\/)?"|"$/g, '') ?? '';
      showUnread(found);
      if (state && body.liveState && state !== now) await fetchPage();
      else state = now;
      known = true;
    } else if (answer.status !== 304) {
      throw new Error(String(answer.status));
    }
    failures = 0;
    line('away', '');
    line('logged-out', ''); // logged in again in another window
  } catch {
    failures += 1;
    if (failures === TRIES_BEFORE_TELLING) line('away', news.dataset.away);
  } finally {
    asking = false;
  }
  again();
}

function again() {
  const wait = Math.min(EVERY * 2 ** failures, LONGEST);
  window.clearTimeout(timer);
  timer = window.setTimeout(ask, wait * (0.9 + Math.random() * 0.2)); // a hundred pages don't ask all at once
}

if (news && body.liveAt) {
  document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
  window.addEventListener('pageshow', (event) => { if (event.persisted) ask(); });
  window.addEventListener('pagehide', () => window.clearTimeout(timer));
  rowsOf(document).forEach((row) => drawn.set(row, markup(row)));
  ask();
}
