// A new form or decision table of the draft, made from where a step chooses one: the name is asked for, the server says
// whether it can be used, and the file is listed with the others.

import { made } from './dialogs.js';
import { sentenceOf } from './drafting.js';
import { t } from './words.js';

const TITLES = { form: 'New form', decision: 'New decision table' };
const NAME_HELP = 'Begins with a letter; Latin letters, digits, underscores and hyphens. The diagram refers to it by this name.';

/** For the panel: (kind, id of the element, what is offered) → the new option {value, label, url}, or null. */
export function adder(bench) {
  const { newUrl, readonly } = bench.data;
  if (!newUrl || readonly) return null;
  return async (kind, element, options) => {
    const added = await asked(kind, suggested(element, options), (fields) => sent(bench, { kind, ...fields }));
    if (added) listed(bench, kind, added);
    return added;
  };
}

/** The id of the step, unless a file is called so. */
function suggested(element, options) {
  const plain = /^[A-Za-z][A-Za-z0-9_-]{0,59}$/.test(element);
  return plain && !options.some(({ value }) => value === element) ? element : '';
}

/** The option that the server made of it; throws its words. */
async function sent({ data }, fields) {
  let answer;
  try {
    answer = await fetch(data.newUrl, {
      method: 'POST', credentials: 'same-origin', body: new URLSearchParams(fields),
      headers: { Accept: 'application/json', 'X-CSRFToken': data.csrf },
    });
  } catch {
    throw new Error(t('No connection.'));
  }
  if (answer.redirected) throw new Error(t('You are no longer logged in.'));
  if (!answer.ok) throw new Error(await sentenceOf(answer));
  return answer.json();
}

function field(label, name, value, required) {
  const input = made('input', 'form-control');
  Object.assign(input, { id: `studio-${name}`, name, value, required, maxLength: name === 'title' ? 100 : 120, spellcheck: false, autocomplete: 'off' });
  input.setAttribute('autocapitalize', 'none');
  const words = made('label', 'form-label', t(label));
  words.htmlFor = input.id;
  return [words, input];
}

/** Asks for the name until the server takes it, or the person gives up. */
function asked(kind, name, send) {
  const dialog = made('dialog', 'studio-dialog');
  const heading = made('h2', '', t(TITLES[kind]));
  heading.id = 'studio-dialog-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  const form = made('form', 'studio-dialog-fields');
  const help = made('p', 'field-help', t(NAME_HELP));
  help.id = 'studio-new-help';
  const [label, input] = field('Name of the file', 'new_name', name, true);
  input.setAttribute('aria-describedby', help.id);
  const wrong = made('p', 'studio-dialog-wrong');
  wrong.setAttribute('role', 'alert');
  const answers = made('div', 'studio-dialog-answers');
  const go = made('button', 'btn btn-primary', t('Make it'));
  const leave = made('button', 'btn', t('Cancel'));
  leave.type = 'button';
  answers.append(go, leave);
  form.append(label, input, help, ...(kind === 'decision' ? field('Name in Chinese', 'title', '', false) : []), wrong, answers);
  dialog.append(heading, form);
  document.body.append(dialog);
  return new Promise((done) => {
    let added = null;
    leave.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => { dialog.remove(); done(added); });
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      go.disabled = true;
      try {
        added = await send(Object.fromEntries(new FormData(form)));
        dialog.close();
      } catch (error) {
        wrong.textContent = error.message;
        input.focus();
      } finally {
        go.disabled = false;
      }
    });
    dialog.showModal();
    input.select();
  });
}

/** The file among the links to the draft's files, where a finding leads to it. */
function listed(bench, kind, { path, label, url }) {
  const place = (kind === 'form' && bench.section.querySelector('.studio-forms-list')) || bench.section.querySelector('.studio-files');
  if ([...place.querySelectorAll('[data-file-link]')].some((one) => one.dataset.fileLink === path)) return;
  const link = made('a', '', label);
  link.href = url;
  link.dataset.fileLink = path;
  place.append(link);
  bench.checkSoon();
}
