// Reading a file beside a form: what is opened comes into its place, keys turn pages, notes stand where they were pinned.
//
// Everything here is also a link or a form that works without script; what only script can do is hidden until it runs.

import './reading.css';
import { acts } from './keys.js';
import './citing.js';
import './keeping.js';
import { drawPins, follow as followPins, place } from './pins.js';
import { follow as followTabs } from './leaving.js';

const pane = () => document.getElementById('reading');
const still = matchMedia('(prefers-reduced-motion: reduce)');

/** The page that one reads: the last whose top is above the middle of the window. */
function current() {
  const pages = [...(pane()?.querySelectorAll('.sheet-page') ?? [])];
  const middle = window.innerHeight / 2;
  return pages.findLast((page) => page.getBoundingClientRect().top <= middle) ?? pages[0] ?? null;
}

const numberOf = (page) => Number(page?.dataset.page ?? 1);

function goTo(number) {
  const pages = pane().querySelectorAll('.sheet-page');
  const page = pages[Math.min(Math.max(number, 1), pages.length) - 1];
  page?.scrollIntoView({ block: 'start', behavior: still.matches ? 'auto' : 'smooth' });
}

/** Tells the number of the page that is read where it is shown, and in a note's form that nobody has placed. */
function tellPage() {
  const number = numberOf(current());
  const field = pane()?.querySelector('[data-page-input]');
  if (field && document.activeElement !== field) field.value = number;
  const form = pane()?.querySelector('.note-form');
  if (form && !form.elements.x.value && !form.contains(document.activeElement)) form.elements.page.value = number;
}

/** Makes what was opened ready: pages are drawn, notes pinned, the address says what is read. */
async function begin() {
  const section = pane();
  if (!section || section.dataset.begun) return;
  section.dataset.begun = '1';
  document.querySelectorAll('[data-reads]').forEach((field) => { field.value = section.dataset.key; });
  document.querySelectorAll('.tabs a').forEach((tab) => { // whoever comes back reads on where they were
    const address = new URL(tab.href);
    if (section.dataset.key) address.searchParams.set('read', section.dataset.key);
    else address.searchParams.delete('read');
    tab.href = address;
  });
  const tools = section.querySelector('.reading-page');
  const pages = section.querySelector('.pages');
  if (pages?.dataset.pdf) {
    const { open } = await import('./pdfpages.js');
    const count = await open(pages);
    if (count && tools) section.querySelector('[data-pages]').textContent = count;
  }
  if (!section.isConnected) return;
  if (tools && section.querySelector('.sheet-page')) tools.hidden = false;
  drawPins(section);
  const lit = section.querySelector('[data-lit]');
  const start = Number(lit?.dataset.onPage ?? pages?.dataset.start ?? 1);
  if (start > 1 || lit) goTo(start);
  tellPage();
}

// What is opened by a link replaces the pane; its address is put into the window's without a step in its history.
document.addEventListener('htmx:afterSwap', (event) => {
  if (event.detail.target?.id !== 'reading' && event.target.id !== 'reading') return;
  const section = pane();
  history.replaceState(history.state, '', section.dataset.address);
  begin();
  (section.querySelector('#note-trouble') ?? section.querySelector('[data-lit]') ?? section).focus({ preventScroll: true });
  if (section.getBoundingClientRect().top < 0 && !section.querySelector('[data-lit]')) section.scrollIntoView();
});

// A note that is refused comes back with its reason, beside what was typed.
document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.detail.target?.id === 'reading' && [403, 409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = event.detail.xhr.responseText.includes('id="reading"');
    event.detail.isError = !event.detail.shouldSwap;
  }
});
document.addEventListener('htmx:afterRequest', (event) => { delete event.target.dataset?.sent; });

let waiting = 0;
window.addEventListener('scroll', () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(tellPage);
}, { passive: true });

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-page-input]')) goTo(Number(event.target.value));
});

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const zoom = target?.closest('[data-zoom]');
  if (zoom) pane().querySelector('.pages').dispatchEvent(new CustomEvent('zoom', { detail: Number(zoom.dataset.zoom) }));
  const goto = target?.closest('[data-goto]');
  if (goto) {
    event.preventDefault();
    goTo(Number(goto.dataset.goto));
  }
  document.querySelectorAll('details.shelf[open]').forEach((shelf) => {
    if (!shelf.contains(target)) shelf.open = false;
  });
});
document.addEventListener('keydown', (event) => {
  const shelf = document.querySelector('details.shelf[open]');
  if (event.key !== 'Escape' || !shelf) return;
  shelf.open = false;
  shelf.querySelector('summary').focus();
});

const press = (selector) => () => pane()?.querySelector(selector)?.click();
Object.assign(acts, {
  n: () => pane() && goTo(numberOf(current()) + 1),
  p: () => pane() && goTo(numberOf(current()) - 1),
  '[': press('[rel=prev]'),
  ']': press('[rel=next]'),
  '+': press('[data-zoom="1"]'),
  '=': press('[data-zoom="1"]'),
  '-': press('[data-zoom="-1"]'),
  m: () => pane() && place(pane(), numberOf(current())),
});

followPins(pane);
followTabs();
begin();
