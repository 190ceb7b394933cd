// The editor of a form: the form-js editor on the workbench of the studio, and beside it the form as each step shows it,
// drawn by the server as it will be drawn at the desk.

import { FormEditor } from '@bpmn-io/form-js-editor';
import '@bpmn-io/form-js/dist/assets/form-js.css';
import '@bpmn-io/form-js/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js/dist/assets/properties-panel.css';
import './studio.css';

import { made } from './dialogs.js';
import { sentenceOf } from './drafting.js';
import { formHouseModule, REFUSED } from './formhouse.js';
import { listed } from './panel/marks.js';
import { Workbench } from './workbench.js';
import { retell, t } from './words.js';

const KEYS = [['Ctrl + S', 'Save at once'], ['Ctrl + Z', 'Undo'], ['Ctrl + Y', 'Redo'], ['Delete', 'Remove'], ['F1', 'This list']];

class FormFileEditor {
  type = 'application/json';
  keys = KEYS;

  constructor(form, bench) {
    Object.assign(this, { form, bench });
    form.on('commandStack.changed', () => {
      if (this.loading) return;
      this.original = null;
      bench.changed();
    });
    const stack = () => form.get('commandStack');
    this.act = {
      undo: () => stack().undo(), redo: () => stack().redo(),
      preview: (button) => this.preview(button.getAttribute('aria-pressed') !== 'true'),
    };
    bench.part('steps')?.addEventListener('change', () => this.preview(true));
  }

  async load(text) {
    const schema = JSON.parse(text);
    if (!schema || typeof schema !== 'object' || !Array.isArray(schema.components)) throw new Error(t('no components'));
    this.loading = true;
    try {
      await this.form.importSchema(schema);
    } finally {
      this.loading = false;
    }
    this.given = schema;
    this.original = text;
  }

  async text() {
    if (this.original !== null) return this.original;
    const { schemaVersion, exporter, ...schema } = this.form.saveSchema();
    // who wrote the file and for which version stays as it was: form-js would put itself there
    const kept = { schemaVersion: this.given.schemaVersion ?? schemaVersion, ...(this.given.exporter && { exporter: this.given.exporter }) };
    return `${JSON.stringify({ ...schema, ...kept }, null, 2)}\n`;
  }

  show({ element }) {
    const field = this.form.get('formFieldRegistry').getAll().find((one) => one.key === element || one.id === element);
    if (field) this.form.get('selection').set(field);
  }

  /** Offers the steps that show this form, each with its roles, and reads what process.yaml lets them do with its fields. */
  async steps(choices) {
    const { bench } = this;
    const read = async (url) => fetch(url, { credentials: 'same-origin' }).then((answer) => (answer.ok ? answer.text() : '')).catch(() => '');
    const [diagram, description] = await Promise.all([read(bench.data.diagramUrl), read(bench.data.descriptionUrl)]);
    this.description = description;
    const key = bench.name.replace(/\.form$/, '');
    const roles = new Map((choices.roles ?? []).map(({ value, label }) => [value, label]));
    bench.part('steps').replaceChildren(
      ...stepsOf(diagram, key).map(({ id, name, groups }) => new Option(
        groups.length ? `${name}（${groups.map((one) => roles.get(one) ?? one).join('、')}）` : name, id)),
      new Option(t('All fields'), ''),
    );
  }

  /** The form of a step, as the server draws it from what is on the page now; or the editor again. */
  async preview(wanted) {
    const { bench } = this;
    const button = bench.section.querySelector('[data-do="preview"]');
    const place = bench.part('preview');
    button.setAttribute('aria-pressed', String(wanted));
    place.hidden = !wanted;
    bench.part('editor').hidden = wanted;
    if (!wanted) return;
    const answer = await fetch(bench.data.previewUrl, {
      method: 'POST', credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/html;q=0.5', 'X-CSRFToken': bench.data.csrf },
      body: JSON.stringify({ schema: JSON.parse(await this.text()), step: bench.part('steps').value, description: this.description }),
    }).catch(() => null);
    if (!answer?.ok) {
      place.replaceChildren(made('p', 'studio-notice', answer ? await sentenceOf(answer) : t('No connection.')));
      return;
    }
    place.innerHTML = await answer.text(); // our own server's rendering; it escapes every text of the form
    place.querySelectorAll('button, [type="submit"]').forEach((one) => { one.disabled = true; });
  }
}

/** The elements of a diagram that ask with a form: { id, name, groups }. */
function stepsOf(xml, key) {
  const drawn = new DOMParser().parseFromString(xml, 'application/xml');
  const asks = (element) => ['formKey', 'formRef'].some((name) => element.getAttribute(`camunda:${name}`) === key);
  return [...drawn.querySelectorAll('*')].filter(asks).map((element) => ({
    id: element.id,
    name: element.getAttribute('name') || element.id,
    groups: listed(element.getAttribute('camunda:candidateGroups') ?? ''),
  }));
}

async function start() {
  const bench = new Workbench();
  const choices = await bench.choices();
  const form = new FormEditor({
    container: bench.part('editor'), studio: { choices }, additionalModules: [formHouseModule],
    exporter: { name: 'Fashen', version: '1' },
  });
  bench.part('editor').dataset.refused = REFUSED.join(' ');
  retell(bench.part('editor'), 'textarea, input, [contenteditable="true"], .cm-editor, .fjs-form-field-text, .fjs-form-field-label');
  const editor = new FormFileEditor(form, bench);
  await Promise.all([bench.open(editor), editor.steps(choices)]);
  globalThis.studio.form = form;
}

start().catch((error) => console.error(t('The editor could not start.'), error));
