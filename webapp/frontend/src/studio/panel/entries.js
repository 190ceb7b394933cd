// The kinds of entries that the house's groups are made of: one of a list, several of a list, a line of text.
//
// Each takes { id, label, description?, get(): text, set(text), options? } and stands in the properties panel of bpmn-io.

import { isSelectEntryEdited, isTextFieldEntryEdited, SelectEntry, TextAreaEntry, TextFieldEntry }
  from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';

import { t } from '../words.js';
import { listed } from './marks.js';

const at_once = (call) => call; // nothing is held back: what is typed is drawn and saved after a pause anyway

/** What the lists offer, with a value that they no longer know: it stays visible, and marked. */
function withCurrent(options, current) {
  const known = options.some((one) => one.value === current);
  const unknown = { value: current, label: t('{value} (not available)', { value: current }) };
  return known || !current ? options : [unknown, ...options];
}

function One({ element, id, label, description, get, set, options }) {
  return h(SelectEntry, {
    element, id, label: t(label), description,
    getValue: get, setValue: set,
    getOptions: () => withCurrent([{ value: '', label: t('<none>') }, ...options], get()),
  });
}

/** One of real choices. */
export const one = (entry) => ({ component: One, isEdited: isSelectEntryEdited, ...entry });

/** Several of real choices: a list of what is chosen, each with a button that takes it away, and a select that adds. */
function Several({ id, label, description, get, set, options }) {
  const chosen = listed(get());
  const labels = new Map(options.map(({ value, label: said }) => [value, said]));
  const rest = options.filter(({ value }) => !chosen.includes(value));
  const change = (values) => set(values.join(','));
  const name = `bio-properties-panel-${id}`;
  return h('div', { class: 'bio-properties-panel-entry studio-several', 'data-entry-id': id }, [
    h('label', { class: 'bio-properties-panel-label', for: name }, t(label)),
    chosen.length ? h('ul', {}, chosen.map((value) => h('li', { key: value, class: labels.has(value) ? '' : 'unknown' }, [
      h('span', {}, labels.get(value) ?? t('{value} (not available)', { value })),
      h('button', {
        type: 'button', title: t('Remove'), 'aria-label': `${t('Remove')} ${labels.get(value) ?? value}`,
        onClick: () => change(chosen.filter((other) => other !== value)),
      }, '×'),
    ]))) : null,
    h('select', {
      id: name, class: 'bio-properties-panel-input', value: '',
      onChange: (event) => { if (event.target.value) change([...chosen, event.target.value]); },
    }, [
      h('option', { value: '' }, t('Add …')),
      ...rest.map(({ value, label: said }) => h('option', { key: value, value }, said)),
    ]),
    description ? h('div', { class: 'bio-properties-panel-description' }, description) : null,
  ]);
}

export const several = (entry) => ({ component: Several, isEdited: () => entry.get() !== '', ...entry });

function Line({ element, id, label, description, get, set }) {
  return h(TextFieldEntry, { element, id, label: t(label), description, getValue: get, setValue: set, debounce: at_once });
}

/** A line of text: an expression, the name of a variable. */
export const line = (entry) => ({ component: Line, isEdited: isTextFieldEntryEdited, ...entry });

function Lines({ element, id, label, description, get, set }) {
  return h(TextAreaEntry, {
    element, id, label: t(label), description, getValue: get, setValue: set, debounce: at_once, rows: 2, monospace: true, autoResize: true,
  });
}

/** Several lines: a condition. */
export const lines = (entry) => ({ component: Lines, isEdited: isTextFieldEntryEdited, ...entry });

/** A button that does something about the choice above it. */
export const act = (entry) => ({
  component: ({ id, label, act: done }) => h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id },
    h('button', { type: 'button', class: 'btn btn-sm', onClick: done }, t(label))),
  isEdited: () => false,
  ...entry,
});

/** A link to where the thing chosen is edited. */
export const link = (entry) => ({
  component: ({ id, label, href }) => h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, h('a', { href }, t(label))),
  isEdited: () => false,
  ...entry,
});
