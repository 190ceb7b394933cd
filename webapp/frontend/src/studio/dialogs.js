// The few dialogs of the studio: a question with named answers, and the list of keys.

import { t } from './words.js';

/** A new element with its text; texts never become markup. */
export function made(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Asks; answers: [[value, label, kind]]. The value chosen, or '' when the person closed the dialog. */
export function ask(title, paragraphs, answers) {
  const dialog = made('dialog', 'studio-dialog');
  const heading = made('h2', '', title);
  heading.id = 'studio-dialog-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  dialog.append(heading, ...paragraphs.map((text) => (text instanceof Node ? text : made('p', '', text))));
  const form = made('form', 'studio-dialog-answers');
  form.method = 'dialog';
  for (const [value, label, kind = 'btn'] of answers) {
    const button = made('button', kind.startsWith('btn ') || kind === 'btn' ? kind : `btn ${kind}`, label);
    button.value = value;
    form.append(button);
  }
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(dialog.returnValue);
    });
  });
}

/** Says who saved in between, and lets the person decide. 'theirs', 'copy', 'mine', or '' for later. */
export function settleConflict({ sentence, by, at }) {
  const moment = at ? new Date(at).toLocaleString(document.documentElement.lang, { timeZone: 'Asia/Shanghai' }) : '';
  return ask(t('Somebody else has changed this file'), [
    sentence ?? (by ? t('{by} saved it at {at}.', { by, at: moment }) : t('It was saved elsewhere since you opened it.')),
    t('Your changes are still on this page and in this browser. What shall count?'),
  ], [
    ['copy', t('Keep mine as a copy, take theirs'), 'btn-primary'],
    ['theirs', t('Take theirs')],
    ['mine', t('Replace theirs with mine')],
    ['', t('Decide later'), 'btn-link'],
  ]);
}

/** Shows the keys that an editor knows: [[keys, what they do]]. */
export function showKeys(keys) {
  const list = made('dl', 'studio-keys');
  list.tabIndex = 0; // it scrolls, also by keyboard
  for (const [key, does] of keys) {
    const term = made('dt');
    term.append(...key.split(' + ').flatMap((one, number) => [...(number ? [' + '] : []), made('kbd', '', one)]));
    list.append(term, made('dd', '', t(does)));
  }
  return ask(t('Keyboard'), [list], [['', t('Close'), 'btn-primary']]);
}

/** Lets the browser save a text as a file. */
export function download(name, text, type) {
  const link = made('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
