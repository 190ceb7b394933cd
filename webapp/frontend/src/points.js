// Points that are judged one by one: what is asked of a defect unfolds with it, and what is left open passes at a press.
// Without script every fold opens by hand.

import htmx from 'htmx.org';

const ANSWER = '.row-result input';

/** What says that something is wrong at a point: the problem in words, or that it is grave. Law and material may be named
    at a point that passes as well. */
const problem = (field) => field.matches('textarea, input[type=checkbox]');
const said = (field) => (field.type === 'checkbox' ? field.checked : field.value.trim() !== '');
const written = (row, of) => [...row.querySelectorAll('.row-more textarea, .row-more input')].some((field) => of(field) && said(field));
const answered = (row) => row.querySelector(`${ANSWER}:checked`) !== null;

function answer(row, value) {
  const radio = row.querySelector(`${ANSWER}[value="${value}"]`);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event('change', { bubbles: true })); // kept as a draft, like a press
}

document.addEventListener('change', (event) => {
  const chosen = event.target;
  const row = chosen.type === 'radio' && chosen.closest('.row-judged');
  const more = row && row.querySelector('.row-more');
  if (!more) return;
  more.open = !['pass', 'na'].includes(chosen.value) || written(row, () => true); // what is written stays in sight: it is sent
});

// Whoever writes a problem at a point has found one there, unless they have answered it already.
document.addEventListener('input', (event) => {
  const row = event.target.closest('.row-more') && event.target.closest('.row-judged');
  if (row && problem(event.target) && said(event.target) && !answered(row)) answer(row, 'defect');
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-passes]');
  if (!button) return;
  const rows = [...document.querySelectorAll(`#${CSS.escape(button.dataset.passes)} .row-judged`)];
  const open = rows.filter((row) => !answered(row));
  const kept = open.filter((row) => written(row, problem));
  open.filter((row) => !kept.includes(row)).forEach((row) => answer(row, 'pass'));
  const told = document.getElementById(button.getAttribute('aria-describedby'));
  told.textContent = `${told.dataset.told}${open.length - kept.length}`;
  if (!kept.length) return;
  const names = kept.map((row) => row.querySelector('legend').textContent.trim());
  told.textContent += `${told.dataset.stop}${told.dataset.kept}${names.join(told.dataset.comma)}`;
  kept[0].querySelector('.row-more').open = true;
  kept[0].querySelector(ANSWER).focus();
});

htmx.onLoad((part) => {
  part.querySelectorAll('.rest[hidden]').forEach((box) => {
    box.hidden = box.closest('fieldset:disabled') !== null;
  });
});
