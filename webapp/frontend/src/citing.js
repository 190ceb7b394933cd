// A note is taken over into the finding at its review point: its place among the material, its text as the problem.

function add(field, text) {
  if (!field || field.value.includes(text)) return;
  const gap = !field.value ? '' : field.matches('textarea') ? '\n' : '；';
  field.value += gap + text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-cite]') : null;
  if (!button) return;
  const row = button.closest('.row-box');
  const more = row.querySelector('.row-more');
  if (more) more.open = true;
  add(row.querySelector('[name$=".evidence"]'), button.dataset.cite);
  add(row.querySelector('[name$=".text"]'), button.dataset.citeText);
  row.querySelector('[name$=".text"]')?.focus();
});
const offer = () => document.querySelectorAll('#answer fieldset:enabled [data-cite]').forEach((button) => { button.hidden = false; });
['htmx:afterSwap', 'htmx:oobAfterSwap'].forEach((swapped) => document.addEventListener(swapped, offer));
offer();
