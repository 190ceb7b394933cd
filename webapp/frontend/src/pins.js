// Notes on pages: a numbered pin where each stands, and a place chosen by pressing on the page while one writes.

/** Puts the pins of the notes on their pages; those for a page as a whole stand in its corner. */
export function drawPins(section) {
  section.querySelectorAll('.pins').forEach((layer) => layer.replaceChildren());
  const corners = new Map();
  section.querySelectorAll('[data-note]').forEach((note) => {
    const layer = section.querySelector(`.sheet-page[data-page="${note.dataset.onPage}"] .pins`);
    if (!layer) return;
    const pin = document.createElement('button');
    pin.type = 'button';
    pin.className = 'pin';
    pin.textContent = note.dataset.note;
    pin.title = note.querySelector('.long').textContent;
    pin.setAttribute('aria-label', `${section.querySelector('.notes > summary').textContent.trim().split(/\s/)[0]} ${note.dataset.note}`);
    pin.dataset.pinOf = note.id;
    if (note.dataset.x === undefined) {
      const before = corners.get(layer) ?? 0;
      corners.set(layer, before + 1);
      pin.style.right = `${0.4 + before * 1.9}rem`;
      pin.style.top = '0.4rem';
      pin.classList.add('pin-whole');
    } else {
      pin.style.left = `${note.dataset.x / 10}%`;
      pin.style.top = `${note.dataset.y / 10}%`;
    }
    pin.classList.toggle('pin-lit', 'lit' in note.dataset);
    layer.append(pin);
  });
}

/** Opens the form of a note for a page and puts the writing place there. */
export function place(section, number) {
  const form = section.querySelector('.note-form');
  if (!form) return;
  section.querySelector('.notes').open = true;
  form.closest('details').open = true;
  if (!form.elements.x.value) form.elements.page.value = number;
  form.elements.text.focus();
  form.scrollIntoView({ block: 'nearest' });
}

/** Closes the form of a note and keeps what is typed: whoever opens it again writes on. */
function putAside(form) {
  const opener = form.closest('details');
  const summary = opener.querySelector('summary');
  summary.dataset.textNew ??= summary.textContent;
  summary.textContent = form.elements.text.value.trim() ? summary.dataset.textKept : summary.dataset.textNew;
  opener.open = false;
  summary.focus();
}

/** Marks the place that was pressed, and says so. */
function mark(section, page, x, y) {
  const form = section.querySelector('.note-form');
  form.elements.page.value = page.dataset.page;
  form.elements.x.value = x;
  form.elements.y.value = y;
  section.querySelectorAll('.pin-new').forEach((pin) => pin.remove());
  const pin = document.createElement('span');
  pin.className = 'pin pin-new';
  pin.textContent = '＋';
  pin.style.left = `${x / 10}%`;
  pin.style.top = `${y / 10}%`;
  page.querySelector('.pins').append(pin);
  const told = form.querySelector('[data-place-help]');
  told.textContent = told.dataset.textSet.replace('{n}', page.dataset.page);
}

/** Follows what is pressed: a pin leads to its note, a page takes a place while a note is written. */
export function follow(pane) {
  document.addEventListener('click', (event) => {
    const section = pane();
    if (!(event.target instanceof Element) || !section?.contains(event.target)) return;
    const pin = event.target.closest('[data-pin-of]');
    if (pin) {
      section.querySelector('.notes').open = true;
      const note = document.getElementById(pin.dataset.pinOf);
      section.querySelectorAll('[data-lit]').forEach((one) => delete one.dataset.lit);
      note.dataset.lit = '';
      note.focus({ preventScroll: true });
      note.scrollIntoView({ block: 'center' });
      return;
    }
    const page = event.target.closest('.sheet-page');
    const form = section.querySelector('.note-new[open] .note-form');
    if (!page || !form || !section.querySelector('.notes').open || String(window.getSelection()).trim()) return;
    const box = page.getBoundingClientRect();
    const share = (at, from, size) => Math.min(Math.max(Math.round(((at - from) / size) * 1000), 0), 1000);
    mark(section, page, share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height));
  });
  document.addEventListener('click', (event) => {
    const close = event.target instanceof Element && event.target.closest('[data-note-close]');
    if (close) putAside(close.form);
  });
  document.addEventListener('keydown', (event) => {
    const form = event.key === 'Escape' && !event.isComposing && event.target.closest?.('.note-form');
    if (form) putAside(form);
  });
  // Another page typed by hand is meant as a whole.
  document.addEventListener('input', (event) => {
    const form = event.target.closest?.('.note-form');
    if (!form || event.target.name !== 'page') return;
    form.elements.x.value = form.elements.y.value = '';
    pane().querySelectorAll('.pin-new').forEach((pin) => pin.remove());
    const told = form.querySelector('[data-place-help]');
    told.textContent = told.dataset.textNone;
  });
}
