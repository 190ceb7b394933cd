// Points that are judged one by one: what is asked of a defect unfolds with it, and what is left open passes at a press.
// Without script every fold opens by hand.

import htmx from 'htmx.org';

document.addEventListener('change', (event) => {
  const chosen = event.target;
  const more = chosen.type === 'radio' && chosen.closest('.row-judged')?.querySelector('.row-more');
  if (!more) return;
  const said = [...more.querySelectorAll('textarea, input')].some(
    (field) => (field.type === 'checkbox' ? field.checked : field.value.trim()),
  );
  more.open = !['pass', 'na'].includes(chosen.value) || said; // what is written stays in sight: it is sent
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-passes]');
  if (!button) return;
  const rows = [...document.querySelectorAll(`#${CSS.escape(button.dataset.passes)} .row-judged`)];
  const open = rows.filter((row) => !row.querySelector('.row-result input:checked'));
  open.forEach((row) => { row.querySelector('.row-result input[value="pass"]').checked = true; });
  const told = document.getElementById(button.getAttribute('aria-describedby'));
  told.textContent = `${told.dataset.told}${open.length}`;
});

htmx.onLoad((part) => {
  part.querySelectorAll('.rest[hidden]').forEach((box) => {
    box.hidden = box.closest('fieldset:disabled') !== null;
  });
});
