// What somebody has changed on a page and not sent yet. A field that is as the server drew it was not changed.

/** Whether a field holds something else than it came with. */
export function changed(field) {
  if (field.matches('select')) return chosen(field);
  if (field.matches('[type=checkbox], [type=radio]')) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** A list without an option marked as chosen opens with its first one, or with none where several may be chosen. */
function chosen(select) {
  const options = [...select.options];
  const drawn = options.filter((option) => option.defaultSelected);
  const first = options.find((option) => !option.disabled);
  const usual = drawn.length || select.multiple || !first ? drawn : [first];
  const now = [...select.selectedOptions];
  return now.length !== usual.length || now.some((option) => !usual.includes(option));
}

/** Whether a field is one in which people write: it has a name, and is no tick beside a row of a list. */
const written = (field) => field.matches('select[name], textarea[name], input[name]:not([type=hidden], [type=submit], [name=row])');

const full = (form) => [...form.querySelectorAll('textarea')].some((field) => field.value.trim() !== '' && changed(field));
let sent = false;

/** Whoever leaves a page with half a remark is asked by the browser first: of remarks no draft is kept. */
export function askBeforeLeaving() {
  document.addEventListener('submit', (event) => { sent = event.target.matches('[data-asks]') && !event.defaultPrevented; });
  window.addEventListener('beforeunload', (event) => {
    if (!sent && [...document.querySelectorAll('form[data-asks]')].some(full)) event.preventDefault();
    sent = false;
  });
}

/** Whether a form that changes something holds what was not sent. */
export const unsaved = () => [...document.querySelectorAll('main form[method=post]')].some(
  (form) => [...form.elements].some((field) => written(field) && changed(field)),
);
