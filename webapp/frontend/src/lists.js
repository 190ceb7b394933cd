// Ticks on a list: all of the page at once, and how many there are. Without this script every box still works.

const form = document.getElementById('rows');
const boxes = () => (form ? [...form.querySelectorAll('input[name=row]')] : []); // rows come and go (live.js)

function count() {
  const all = form.querySelector('[data-tick-all]');
  const told = form.querySelector('[data-ticked]');
  const ticked = boxes().filter((box) => box.checked).length;
  if (all) {
    all.closest('[hidden]')?.removeAttribute('hidden');
    all.checked = ticked === boxes().length && ticked > 0;
    all.indeterminate = ticked > 0 && ticked < boxes().length;
  }
  if (!told) return;
  told.dataset.none ??= told.textContent;
  told.textContent = ticked ? told.dataset.text.replace('{n}', ticked) : told.dataset.none;
}

form?.addEventListener('change', (event) => {
  if (event.target.matches('[data-tick-all]')) boxes().forEach((box) => { box.checked = event.target.checked; });
  count();
});
// What is to be said for all ticked rows is asked for before anything is sent: ticks are work.
form?.addEventListener('click', (event) => {
  const button = event.target.closest('button[name=act][value=reassign]');
  if (!button) return;
  const asked = [...button.closest('.sheet-of-filters').querySelectorAll('[aria-required]')];
  asked.forEach((field) => { field.value = field.value.trim(); field.required = true; });
  if (!asked.every((field) => field.reportValidity())) event.preventDefault();
  asked.forEach((field) => { field.required = false; }); // the other buttons ask for nothing
});
form?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches('input')) event.preventDefault(); // no row is acted on by accident
});
if (form) count();
document.addEventListener('fashen:rows', () => { if (form) count(); });

// A sheet that opens over the page closes when one looks elsewhere, and gives the focus back on Escape.
document.addEventListener('click', (event) => {
  document.querySelectorAll('.more-filters[open], .menu-inline[open]').forEach((sheet) => {
    if (!sheet.contains(event.target)) sheet.open = false;
  });
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  document.querySelectorAll('.more-filters[open], .menu-inline[open]').forEach((sheet) => {
    sheet.open = false;
    sheet.querySelector('summary').focus();
  });
});
