// The groups of the house in the properties panel: what a step is to the law, who does it, what it asks and calls, each
// from the real lists of this installation (choices.json); and what of the Camunda panel has no meaning here is left out.

import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { Group } from '@bpmn-io/properties-panel';

import { t } from '../words.js';
import { act, line, lines, link, one, several } from './entries.js';
import { attribute, property, setAttribute, setProperty } from './marks.js';

/** Groups of bpmn-io's panels that the engine carries out. The rest is refused when a diagram is read. */
const KEPT = new Set([
  'general', 'documentation', 'error', 'link', 'message', 'multiInstance', 'signal', 'escalation', 'timer',
  'CamundaPlatform__InMapping', 'CamundaPlatform__InMappingPropagation', 'CamundaPlatform__OutMapping',
  'CamundaPlatform__OutMappingPropagation', 'CamundaPlatform__Input', 'CamundaPlatform__Output',
  'CamundaPlatform__ExtensionProperties',
]);
/** Entries within them that it does not: borders of transactions, retries, scripts, tags, local mappings. */
const DROPPED = /^(versionTag|isExecutable|processTag)$|[aA]sync|[eE]xclusive|[rR]etry|[jJ]ob|-local$|scriptFormat|scriptType|errorMessage/;
const TYPE = /-type$/;

function kept(group) {
  const entries = group.entries?.filter(({ id }) => !DROPPED.test(id));
  const items = group.items?.map((item) => ({ ...item, entries: item.entries?.filter(({ id }) => !dropsIn(group, id)) }));
  return { ...group, ...(entries && { entries }), ...(items && { items }) };
}

/** A parameter is a text or an expression: lists, maps and scripts are refused, so that there is nothing to choose. */
const dropsIn = (group, id) => DROPPED.test(id) || (/__(Input|Output)$/.test(group.id) && TYPE.test(id));

export class HousePanel {
  static $inject = ['propertiesPanel', 'injector', 'config.studio', 'modeling', 'bpmnFactory'];

  constructor(propertiesPanel, injector, { choices, description, add }, modeling, bpmnFactory) {
    Object.assign(this, { injector, choices, description, add, modeling, bpmnFactory });
    propertiesPanel.registerProvider(300, this); // after the providers of bpmn-io, of whose groups it takes away
  }

  getGroups(element) {
    return (groups) => {
      const rest = groups.filter(({ id }) => KEPT.has(id)).map(kept);
      const [general, ...others] = rest;
      if (general?.id === 'general' && named(element)) general.entries = [...general.entries, { ...this.english(element), element }];
      return [general, ...this.own(element), ...others].filter((group) => group && (group.items || group.entries?.length || group.component !== Group));
    };
  }

  /** The groups of the house for an element. */
  own(element) {
    const made = [];
    const add = (id, label, entries) => made.push({
      id, label: t(label), component: Group, shouldOpen: true,
      entries: entries.map((entry) => ({ ...entry, element })),
    });
    const activity = is(element, 'bpmn:UserTask') || is(element, 'bpmn:StartEvent');
    if (activity && element.type !== 'label') add('house-act', 'Statutory act', this.act(element));
    if (is(element, 'bpmn:UserTask')) {
      add('house-people', 'Who does it', this.people(element));
      add('house-form', 'Form', this.form(element));
      add('house-operators', 'What else may be done here', this.operators(element));
      if (is(getBusinessObject(element).get('loopCharacteristics'), 'bpmn:MultiInstanceLoopCharacteristics')) {
        add('house-signing', 'Signing round', this.signing(element));
      }
    }
    if (is(element, 'bpmn:StartEvent') && is(element.parent, 'bpmn:Process') + is(element.parent, 'bpmn:Participant')) {
      add('house-form', 'Form', this.form(element));
    }
    if (is(element, 'bpmn:ServiceTask') || is(element, 'bpmn:SendTask')) add('house-work', 'What the system does', this.work(element));
    if (is(element, 'bpmn:BusinessRuleTask')) add('house-decision', 'Decision table', this.decision(element));
    if (is(element, 'bpmn:CallActivity')) add('house-call', 'Called process', this.call(element));
    const holder = conditional(element);
    if (holder) add('house-condition', 'Condition', this.condition(element, holder));
    if (isWhole(element)) add('house-package', 'Process package', this.package());
    return made;
  }

  options(name) {
    return (this.choices[name] ?? []).map((item) => (typeof item === 'string' ? { value: item, label: item } : item));
  }

  attribute(element, name, entry) {
    return {
      ...entry, get: () => attribute(element, name), set: (value) => setAttribute(element, name, value, this),
    };
  }

  property(element, name, entry) {
    return { ...entry, get: () => property(element, name), set: (value) => setProperty(element, name, value, this) };
  }

  /** The name that readers of English see; it is kept in process.yaml, beside the Chinese. */
  english(element) {
    const name = () => attribute(element, 'name').replace(/\s+/g, ' ').trim();
    return line({
      id: 'house-english', label: 'Name in English', get: () => this.description.english(element.id),
      set: (value) => this.description.setEnglish(element.id, name(), (value ?? '').trim()),
    });
  }

  act(element) {
    return [
      one(this.property(element, 'act', {
        id: 'house-act', label: 'Act', options: this.options('acts'),
        description: t('The checks of the law read this mark: a step without it counts as not done.'),
      })),
      ...(is(element, 'bpmn:UserTask') ? [several({
        id: 'house-gates', label: 'Conditions beyond the law', options: this.options('gates'),
        get: () => this.description.gates(element.id).join(','),
        set: (value) => this.description.setGates(element.id, value ? value.split(',') : []),
      })] : []),
    ];
  }

  people(element) {
    return [
      several(this.attribute(element, 'camunda:candidateGroups', { id: 'house-roles', label: 'Roles', options: this.options('roles') })),
      line(this.attribute(element, 'camunda:assignee', {
        id: 'house-assignee', label: 'One person', description: t('An expression such as {example}; leave empty for the roles.', { example: '${presiding}' }),
      })),
      this.apart(element),
      line(this.attribute(element, 'camunda:dueDate', { id: 'house-due', label: 'Due', description: t('An expression or a date; the clock of the act goes before.') })),
      line(this.attribute(element, 'camunda:priority', { id: 'house-priority', label: 'Priority' })),
    ];
  }

  /** The steps of which nobody does both: kept in process.yaml, at either of the two. */
  apart(element) {
    const others = this.injector.get('elementRegistry').filter((one) => is(one, 'bpmn:UserTask') && one.type !== 'label' && one.id !== element.id);
    const options = others.map((one) => ({ value: one.id, label: attribute(one, 'name').replace(/\s+/g, ' ').trim() || one.id }));
    const ids = options.map(({ value }) => value);
    return several({
      id: 'house-apart', label: 'Steps kept apart', options,
      description: t('Whoever did, holds or signed one of them does not get this step, and the other way round.'),
      get: () => this.description.apart(element.id, ids).join(','),
      set: (value) => this.description.setApart(element.id, ids, value ? value.split(',') : []),
    });
  }

  form(element) {
    const key = attribute(element, 'camunda:formKey') || attribute(element, 'camunda:formRef');
    const chosen = this.options('forms').find(({ value }) => value === key);
    return [
      one(this.attribute(element, 'camunda:formKey', { id: 'house-form', label: 'Form of the package', options: this.options('forms') })),
      ...(chosen?.url ? [link({ id: 'house-form-link', label: 'Edit this form', href: chosen.url })] : []),
      ...this.anew('form', 'forms', 'New form …', element, 'camunda:formKey'),
    ];
  }

  /** A button that makes a new form or decision table of the draft, and has the element use it. */
  anew(kind, list, label, element, name) {
    if (!this.add) return [];
    return [act({
      id: `house-new-${kind}`, label,
      act: async () => {
        const made = await this.add(kind, element.id, this.options(list));
        if (!made) return;
        this.choices[list] = [...this.options(list).filter(({ value }) => value !== made.value), made];
        setAttribute(element, name, made.value, this);
      },
    })];
  }

  operators(element) {
    return [several({
      id: 'house-operators', label: 'Operators', options: this.options('operators'),
      get: () => this.description.list('operators', element.id).join(','),
      set: (value) => this.description.setList(['operators', element.id], value ? value.split(',') : []),
    })];
  }

  signing(element) {
    const rules = [
      { value: 'all', label: t('All must agree') }, { value: 'any', label: t('One is enough') },
      { value: 'share:0.5', label: t('Half of them') }, { value: 'share:0.66', label: t('Two thirds of them') },
      { value: 'sequential', label: t('One after the other, all must agree') },
    ];
    return [
      one(this.property(element, 'signing', { id: 'house-signing', label: 'Rule', options: rules })),
      line(this.property(element, 'outcome', { id: 'house-outcome', label: 'Variable of the outcome', description: t('Becomes accepted or rejected.') })),
      line(this.property(element, 'vote', { id: 'house-vote', label: 'Field that holds the vote' })),
      line(this.property(element, 'agrees', { id: 'house-agrees', label: 'Value that agrees' })),
    ];
  }

  work(element) {
    const outside = attribute(element, 'camunda:type') === 'external';
    const set = (values) => this.modeling.updateProperties(element, values);
    const kind = one({
      id: 'house-work-kind', label: 'Done by',
      options: [{ value: 'inside', label: t('An action of the system') }, { value: 'external', label: t('A program outside') }],
      get: () => (outside ? 'external' : attribute(element, 'camunda:delegateExpression') ? 'inside' : ''),
      set: (value) => set({
        'camunda:type': value === 'external' ? 'external' : undefined, 'camunda:topic': undefined,
        'camunda:delegateExpression': value === 'inside' ? `\${${this.options('handlers')[0]?.value ?? ''}}` : undefined,
      }),
    });
    if (outside) {
      return [
        kind,
        one(this.attribute(element, 'camunda:topic', { id: 'house-topic', label: 'Topic', options: this.options('topics') })),
        line(this.property(element, 'outputs', { id: 'house-outputs', label: 'Variables it may write', description: t('Names, separated by commas.') })),
      ];
    }
    const inner = (text) => /^[$#]\{\s*(\w*)\s*\}$/.exec(text)?.[1] ?? text;
    return [kind, one({
      id: 'house-handler', label: 'Action', options: this.options('handlers'),
      get: () => inner(attribute(element, 'camunda:delegateExpression')),
      set: (value) => set({ 'camunda:delegateExpression': value ? `\${${value}}` : undefined }),
    })];
  }

  decision(element) {
    const chosen = this.options('decisions').find(({ value }) => value === attribute(element, 'camunda:decisionRef'));
    const shapes = [
      { value: 'singleEntry', label: t('One value') }, { value: 'singleResult', label: t('One row') },
      { value: 'collectEntries', label: t('A list of values') }, { value: 'resultList', label: t('A list of rows') },
    ];
    return [
      one(this.attribute(element, 'camunda:decisionRef', { id: 'house-decision', label: 'Decision of the package', options: this.options('decisions') })),
      ...(chosen?.url ? [link({ id: 'house-decision-link', label: 'Edit this table', href: chosen.url })] : []),
      ...this.anew('decision', 'decisions', 'New decision table …', element, 'camunda:decisionRef'),
      line(this.attribute(element, 'camunda:resultVariable', { id: 'house-result', label: 'Variable of the result' })),
      one(this.attribute(element, 'camunda:mapDecisionResult', { id: 'house-shape', label: 'Shape of the result', options: shapes })),
    ];
  }

  call(element) {
    return [one(this.attribute(element, 'calledElement', { id: 'house-called', label: 'Process', options: this.options('processes') }))];
  }

  condition(element, { object, name }) {
    const written = () => object.get(name);
    const write = (body, language) => {
      const expression = body ? this.bpmnFactory.create('bpmn:FormalExpression', { body, language: language || undefined }) : undefined;
      if (expression) expression.$parent = object;
      this.modeling.updateModdleProperties(element, object, { [name]: expression });
    };
    const entries = [
      lines({
        id: 'house-condition', label: 'Holds when', get: () => written()?.get('body') ?? '',
        set: (body) => write(body, written()?.get('language')),
        description: t('Such as {example}', { example: "${review_result == 'agree'}" }),
      }),
      one({
        id: 'house-language', label: 'Written in', options: [{ value: 'feel', label: 'FEEL' }],
        get: () => (written()?.get('language') ?? '').toLowerCase().replace('juel', ''), set: (value) => write(written()?.get('body'), value),
        description: t('Without a choice: an expression in {signs}.', { signs: '${…}' }),
      }),
    ];
    if (name === 'condition') {
      entries.push(line({
        id: 'house-variable', label: 'Asked only when this variable changes', get: () => object.get('camunda:variableName') ?? '',
        set: (value) => this.modeling.updateModdleProperties(element, object, { 'camunda:variableName': value || undefined }),
      }));
    }
    return entries;
  }

  package() {
    const list = (name, label, choices) => several({
      id: `house-package-${name}`, label, options: this.options(choices),
      get: () => this.description.list(name).join(','),
      set: (value) => this.description.setList([name], value ? value.split(',') : []),
    });
    return [
      list('roles', 'Roles that take part', 'roles'),
      list('documents', 'Documents that are made', 'documents'),
    ];
  }
}

/** Where a condition of the element is kept: on a flow that may carry one, or in the definition of an event. */
function conditional(element) {
  const object = getBusinessObject(element);
  if (is(element, 'bpmn:SequenceFlow')) {
    const from = element.source;
    const able = from && (is(from, 'bpmn:Activity') || is(from, 'bpmn:ExclusiveGateway') || is(from, 'bpmn:InclusiveGateway'));
    const isDefault = able && getBusinessObject(from).get('default') === object;
    return able && (!isDefault || object.get('conditionExpression')) ? { object, name: 'conditionExpression' } : null;
  }
  const definition = (object.get('eventDefinitions') ?? []).find((event) => is(event, 'bpmn:ConditionalEventDefinition'));
  return definition ? { object: definition, name: 'condition' } : null;
}

const named = (element) => Boolean(attribute(element, 'name')) && !isWhole(element) && element.type !== 'label';
const isWhole = (element) => is(element, 'bpmn:Process') || is(element, 'bpmn:Collaboration') || is(element, 'bpmn:Participant');

export const houseModule = { __init__: ['housePanel'], housePanel: ['type', HousePanel] };
