// What the house adds to form-js: the properties that its server carries out (docs/processes.md, What a form may say),
// as choices instead of free text, and the components that it refuses taken out of the palette.

import { h } from 'preact';

import { t } from './words.js';

/** Components of which the server draws nothing (workflows/forms/honoured.py). */
export const REFUSED = ['html', 'image', 'iframe', 'expression', 'table', 'documentPreview', 'columns'];

/** Settings of form-js that the server would refuse: computed values, paths, security of frames, the viewer's own. */
const DROPPED_GROUPS = new Set(['security', 'securityAttributes', 'serialization']);
const DROPPED_ENTRIES = new Set(['path', 'valuesExpression', 'versionTag', 'computeOn', 'disabled-expression']);

const CHOOSES = new Set(['select', 'radio', 'checklist', 'taglist']);
const FORMATS = [
  ['credit_code', 'Unified social credit code'], ['identity_number', 'Identity number'], ['party_number', 'Either of them'],
];

function row(id, label, control, description) {
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, [
    h('label', { class: 'bio-properties-panel-label', for: `house-${id}` }, label),
    control,
    description ? h('div', { class: 'bio-properties-panel-description' }, description) : null,
  ]);
}

function Line({ id, label, get, set, description }) {
  return row(id, label, h('input', {
    id: `house-${id}`, class: 'bio-properties-panel-input', type: 'text', value: get(), onChange: (event) => set(event.target.value.trim()),
  }), description);
}

function One({ id, label, get, set, options, description }) {
  const current = get();
  const known = options.some(({ value }) => value === current);
  const all = known || !current ? options : [{ value: current, label: t('{value} (not available)', { value: current }) }, ...options];
  return row(id, label, h('select', {
    id: `house-${id}`, class: 'bio-properties-panel-input', value: current, onChange: (event) => set(event.target.value),
  }, [
    h('option', { value: '' }, t('<none>')),
    ...all.map((one) => h('option', { key: one.value, value: one.value, selected: one.value === current }, one.label)),
  ]), description);
}

/** Each entry is { id, label, get(), set(value), description?, options? }. */
const text = (entry) => ({ ...entry, component: Line, isEdited: () => Boolean(entry.get()) });
const choice = (entry) => ({ ...entry, component: One, isEdited: () => Boolean(entry.get()) });

export class FormHouse {
  static $inject = ['propertiesPanel', 'config.studio', 'formFieldRegistry'];

  constructor(propertiesPanel, { choices }, registry) {
    Object.assign(this, { choices, registry });
    propertiesPanel.registerProvider(this, 400); // after form-js's own provider, of whose groups it takes away
  }

  getGroups(field, edit) {
    return (groups) => {
      if (!field) return groups;
      const kept = groups.filter(({ id }) => !DROPPED_GROUPS.has(id)).map((group) => ({
        ...group, ...(group.entries && { entries: group.entries.filter(({ id }) => !DROPPED_ENTRIES.has(id)) }),
      }));
      const own = this.entries(field, edit);
      if (!own.length) return kept;
      return [...kept.slice(0, 1), { id: 'house', label: t('The house'), shouldOpen: true, entries: own.map((one) => ({ ...one, field })) }, ...kept.slice(1)];
    };
  }

  options(name) {
    return this.choices[name] ?? [];
  }

  entries(field, edit) {
    if (field.type === 'default') return [];
    const now = () => this.registry.get(field.id) ?? field; // the panel may be older than the last change
    const property = (name) => ({
      get: () => now().properties?.[name] ?? '',
      set: (value) => {
        const { [name]: _, ...others } = now().properties ?? {};
        const changed = value ? { ...others, [name]: value } : others;
        edit(now(), ['properties'], Object.keys(changed).length ? changed : undefined);
      },
    });
    const made = [text({ id: 'label-en', label: t('Label in English'), ...property('label_en') })];
    if ('description' in field) made.push(text({ id: 'description-en', label: t('Help in English'), ...property('description_en') }));
    if (CHOOSES.has(field.type)) made.push(this.source(field, edit), ...this.englishOptions(field, edit));
    if (field.type === 'textfield') {
      made.push(choice({ id: 'format', label: t('Checked as'), options: FORMATS.map(([value, label]) => ({ value, label: t(label) })), ...property('format') }));
    }
    if (field.type === 'filepicker') {
      made.push(
        choice({ id: 'material', label: t('Becomes material'), options: this.options('materials'), ...property('material') }),
        text({ id: 'max-files', label: t('At most files'), ...property('max_files') }),
        text({ id: 'max-mb', label: t('At most megabytes each'), ...property('max_mb') }),
      );
    }
    if (field.type === 'dynamiclist') {
      const columns = (field.components ?? []).filter(({ key }) => key).map(({ key, label }) => ({ value: key, label: label || key }));
      made.push(
        choice({ id: 'rows', label: t('A row for each'), options: this.options('sources'), ...property('rows') }),
        choice({ id: 'row-key', label: t('Column that names the row'), options: columns, ...property('row_key') }),
      );
    }
    return made;
  }

  source(field, edit) {
    return choice({
      id: 'source', label: t('Choices from'), options: this.options('sources'),
      description: t('A list that the system keeps; without one the options above count.'),
      get: () => field.valuesKey ?? '',
      set: (value) => edit(field, value ? { valuesKey: value, values: undefined } : { valuesKey: undefined, values: [{ label: t('Option'), value: 'value' }] }),
    });
  }

  englishOptions(field, edit) {
    return (field.values ?? []).map((option, number) => text({
      id: `option-en-${number}`, label: t('“{label}” in English', { label: option.label }),
      get: () => option.properties?.label_en ?? '',
      set: (value) => {
        const values = (this.registry.get(field.id) ?? field).values.map((one, at) => (at === number ? { ...one, properties: { ...one.properties, label_en: value } } : one));
        edit(field, ['values'], values);
      },
    }));
  }
}

export const formHouseModule = { __init__: ['formHouse'], formHouse: ['type', FormHouse] };
