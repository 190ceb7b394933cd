// The keyboard on lists and tasks: j and k walk, Enter opens (the focus is on a link), c claims, / searches
// everything, f the list, ? explains.
//
// Single keys never act while somebody types, chooses or has a dialog open, nor with a modifier held, and can be switched
// off for good in this browser (WCAG 2.1.4). What a key does is what a visible link or button does: it moves the focus
// there or presses it, so that assistive technology tells of it as always.

const OFF = 'fashen-keys-off';
const dialog = document.getElementById('keys');
const rows = () => [...document.querySelectorAll('tr[data-row], .table.cards tbody tr')].filter((row) => row.querySelector('[data-open]'));

function off() {
  try { return localStorage.getItem(OFF) === '1'; } catch { return false; }
}

function typing(target) {
  return target instanceof Element && Boolean(target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=textbox], .djs-container'));
}

function here() {
  return document.activeElement?.closest('tr') ?? null;
}

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.indexOf(here());
  const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1);
  const link = all[next].querySelector('[data-open]');
  link.focus();
  link.scrollIntoView({ block: 'nearest' });
}

function claim() {
  const button = here()?.querySelector('[data-claim]') ?? (here() ? null : document.querySelector('[data-claim-here]'));
  button?.click();
}

function tick() {
  const box = here()?.querySelector('input[name=row]');
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event('change', { bubbles: true }));
}

function explain() {
  if (!dialog || dialog.open) return;
  dialog.querySelector('[data-keys-on]').checked = !off();
  dialog.showModal();
}

/** Key → what it does. Islands that a page loads besides add their own. */
export const acts = {
  j: () => walk(1),
  k: () => walk(-1),
  c: claim,
  x: tick,
  '/': () => document.querySelector('[data-find]')?.focus(),
  f: () => document.querySelector('[data-search]')?.focus(),
  '?': explain,
};

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    // Whoever writes a note beside the form means the note; a step is never sent from there.
    const form = event.target.closest?.('form') ?? document.querySelector('#answer');
    const button = form?.querySelector(form.matches('[data-beside]') ? '.btn-primary' : '.answer-acts .btn-primary[type=submit]');
    if (!button || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    form.requestSubmit(button);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
  const act = acts[event.key];
  if (!act || (off() && event.key !== '?')) return;
  event.preventDefault();
  act();
});

dialog?.querySelector('[data-keys-on]').addEventListener('change', (event) => {
  try { localStorage.setItem(OFF, event.target.checked ? '0' : '1'); } catch { /* a browser that keeps nothing */ }
});
document.querySelectorAll('[data-keys-open]').forEach((button) => {
  button.hidden = false;
  button.addEventListener('click', explain);
});
