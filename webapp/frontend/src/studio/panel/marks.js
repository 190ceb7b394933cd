// Reading and writing what the house keeps on an element: camunda attributes, and camunda:property of a name.

import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

const properties = (object) => (object.get('extensionElements')?.get('values') ?? [])
  .find((value) => is(value, 'camunda:Properties'));

/** The value of the camunda:property `name` of an element, or ''. */
export function property(element, name) {
  const all = properties(getBusinessObject(element))?.get('values') ?? [];
  return all.find((one) => one.get('name') === name)?.get('value') ?? '';
}

/** Writes it, or takes it away when the value is empty; one step of undo. */
export function setProperty(element, name, value, { modeling, bpmnFactory }) {
  const object = getBusinessObject(element);
  const before = properties(object);
  const others = (before?.get('values') ?? []).filter((one) => one.get('name') !== name);
  const values = value ? [...others, bpmnFactory.create('camunda:Property', { name, value })] : others;
  const kept = (object.get('extensionElements')?.get('values') ?? []).filter((one) => one !== before);
  const all = values.length ? [...kept, bpmnFactory.create('camunda:Properties', { values })] : kept;
  const extensionElements = all.length ? bpmnFactory.create('bpmn:ExtensionElements', { values: all }) : undefined;
  for (const one of values) one.$parent = all.at(-1);
  for (const one of all) one.$parent = extensionElements;
  if (extensionElements) extensionElements.$parent = object;
  modeling.updateProperties(element, { extensionElements });
}

/** The value of an attribute, or ''. */
export const attribute = (element, name) => getBusinessObject(element).get(name) ?? '';

/** Writes an attribute, or takes it away when the value is empty. */
export function setAttribute(element, name, value, { modeling }) {
  modeling.updateProperties(element, { [name]: value || undefined });
}

/** A list kept in one attribute, separated by commas. */
export const listed = (text) => text.split(',').map((one) => one.trim()).filter(Boolean);
