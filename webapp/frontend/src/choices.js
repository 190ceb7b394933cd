// A long select is searched in: what is typed above it leaves only the options that hold every word of it. Without
// script the select is as it was, in groups.

import htmx from 'htmx.org';

/** Brackets, blanks and the signs around a law count for nothing: 九十七条第七项 finds 第九十七条第（七）项. */
const plain = (text) => text.normalize('NFKC').toLowerCase().replace(/[\s()[\]《》〈〉、,，。]/g, '');

/** Select → its groups and options as they came, for options that are hidden are still found by some browsers' keys. */
const whole = new WeakMap();

function parts(select) {
  if (!whole.has(select)) {
    whole.set(select, [...select.children].map((child) => ({
      child,
      options: (child.matches('option') ? [child] : [...child.children]).map((option) => ({
        option, text: plain(`${child.label} ${option.text} ${option.value}`),
      })),
    })));
  }
  return whole.get(select);
}

/** Leaves what matches, and the option that is chosen; says how many match. */
function search(field) {
  const select = document.getElementById(field.dataset.searches);
  const words = field.value.split(/\s+/).map(plain).filter(Boolean);
  let found = 0;
  const kept = parts(select).filter(({ child, options }) => {
    const fitting = options.filter(({ option, text }) => {
      const fits = words.every((word) => text.includes(word));
      if (fits && option.value && !option.disabled) found += 1;
      return fits || option.selected || !option.value;
    });
    if (!child.matches('option')) child.replaceChildren(...fitting.map(({ option }) => option));
    return fitting.length > 0;
  });
  const chosen = select.value;
  select.replaceChildren(...kept.map(({ child }) => child));
  select.value = chosen;
  const shown = select.querySelectorAll('option, optgroup').length;
  select.size = words.length && found ? Math.min(Math.max(shown, 2), 10) : 0;
  const told = document.getElementById(field.getAttribute('aria-describedby'));
  told.textContent = !words.length ? '' : found ? `${field.dataset.some}${found}` : field.dataset.none;
}

document.addEventListener('input', (event) => {
  if (event.target.dataset.searches) search(event.target);
});

document.addEventListener('keydown', (event) => {
  const field = event.target;
  if (!field.dataset?.searches || event.isComposing || !['Enter', 'ArrowDown'].includes(event.key)) return;
  event.preventDefault();
  const select = document.getElementById(field.dataset.searches);
  const first = [...select.options].find((option) => option.value && !option.disabled);
  if (first && !select.value) {
    select.value = first.value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }
  select.focus();
});

// Whoever has chosen sees the one line again.
document.addEventListener('focusout', (event) => {
  if (event.target.matches('select[size]') && document.getElementById(`${event.target.id}-search`)) {
    event.target.size = 0;
  }
});

htmx.onLoad((part) => {
  part.querySelectorAll('.choice-search[hidden]').forEach((box) => { box.hidden = false; });
});
