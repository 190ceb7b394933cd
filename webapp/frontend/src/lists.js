// Ticks on a list: all of the page at once, and how many there are. Without this script every box still works.

const form = document.getElementById('rows');
const all = form?.querySelector('[data-tick-all]');
const told = form?.querySelector('[data-ticked]');
const boxes = form ? [...form.querySelectorAll('input[name=row]')] : [];

function count() {
  const ticked = boxes.filter((box) => box.checked).length;
  if (all) {
    all.checked = ticked === boxes.length && ticked > 0;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  if (told) told.textContent = ticked ? told.dataset.text.replace('{n}', ticked) : told.dataset.none;
}

if (all && boxes.length) {
  all.closest('[hidden]').hidden = false;
  all.addEventListener('change', () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    count();
  });
}
if (told) told.dataset.none = told.textContent;
form?.addEventListener('change', count);
form?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches('input')) event.preventDefault(); // no row is acted on by accident
});
if (boxes.length) count();

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
