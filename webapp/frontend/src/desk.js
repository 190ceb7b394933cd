// The desk: what every page loads. htmx brings parts of a page where that helps; nothing needs it.

import htmx from 'htmx.org';
import '@tabler/core/dist/css/tabler.css';
import './desk.css';
import './lists.css';
import './live.css';
import './operators.css';
import './forms.css';
import './search.css';
import './studiopages.css';
import './house.css';
import './choices.js';
import './conditions.js';
import './keys.js';
import './lists.js';
import './live.js';
import './points.js';
import './returning.js';
import { askBeforeLeaving, unsaved } from './unsaved.js';

// The content policy allows neither inline styles nor evaluated text, and we only ever talk to ourselves.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;

const words = document.body.dataset;

/** Says something above the page, for eyes and for screen readers. */
function tell(text) {
  const place = document.querySelector('.messages');
  const line = document.createElement('p');
  line.className = 'message message-error';
  line.textContent = text;
  place.replaceChildren(line);
  line.scrollIntoView({ block: 'nearest' });
}

// A row that can't be added leaves the form as it is, with all that was typed.
document.addEventListener('htmx:responseError', (event) => {
  tell(event.detail.xhr.status === 401 ? words.textLoggedOut : words.textFailed);
});
document.addEventListener('htmx:sendError', () => tell(words.textFailed));

askBeforeLeaving();

// Enter in a one-line field must not send an official step by accident.
document.addEventListener('keydown', (event) => {
  const field = event.target;
  if (event.key === 'Enter' && !event.isComposing && field.matches('.answer input:not([type=file], [type=submit])')) {
    event.preventDefault();
  }
});

// Language and appearance bring the page anew. A task's form goes along and comes back; other forms are asked about.
document.addEventListener('submit', (event) => {
  if (!event.target.matches('.language, .appearance')) return;
  if (unsaved() && !window.confirm(words.textUnsaved)) event.preventDefault();
});

// Twice pressed is once sent; the server would answer the second with the outcome of the first, but nobody should wonder.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = '1';
});
window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent);
});

// A file that the server would refuse need not travel there first.
document.addEventListener('change', (event) => {
  const limit = Number(event.target.form?.dataset.limit ?? 0);
  if (event.target.type !== 'file' || !limit) return;
  const large = [...event.target.files].filter((file) => file.size > limit);
  event.target.classList.toggle('too-large', large.length > 0);
  if (large.length) tell(words.textTooLarge + large.map((file) => file.name).join('、'));
});

// What went wrong comes first: after a refused form the summary has the focus.
document.getElementById('trouble')?.focus();

// An open menu closes when one looks elsewhere.
document.addEventListener('click', (event) => {
  document.querySelectorAll('details.menu[open]').forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  document.querySelectorAll('details.menu[open]').forEach((menu) => {
    menu.open = false;
    menu.querySelector('summary').focus();
  });
});

// What a narrow screen has no place for in the bar of a form opens above it (the style says where it is narrow).
function fold(more, open) {
  more.classList.toggle('acts-open', open);
  more.querySelector('.acts-toggle').setAttribute('aria-expanded', String(open));
}
document.querySelectorAll('[data-acts-more]').forEach((more) => {
  const toggle = more.querySelector('.acts-toggle');
  more.classList.add('acts-folded');
  toggle.hidden = false;
  toggle.addEventListener('click', () => fold(more, !more.classList.contains('acts-open')));
  more.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !more.classList.contains('acts-open')) return;
    fold(more, false);
    toggle.focus();
  });
  document.addEventListener('click', (event) => { if (!more.contains(event.target)) fold(more, false); });
});

// On a phone the tabs scroll: the open one should be in sight.
document.querySelectorAll('.tabs [aria-current], .places [aria-current]').forEach((tab) => {
  tab.scrollIntoView({ inline: 'center', block: 'nearest' });
});
