// What the checks found, on the drawing: a sign on each element, and the path of a finding played step by step.

import { made } from './dialogs.js';
import { t } from './words.js';

const KIND = 'finding';
const BEAT = 700; // milliseconds that a step of a path is shown
const ON_PATH = 'studio-on-path';

/** Puts a sign with the sentences on every element that has findings. */
export function mark(modeler, findings, onClick) {
  const overlays = modeler.get('overlays');
  const registry = modeler.get('elementRegistry');
  const canvas = modeler.get('canvas');
  overlays.remove({ type: KIND });
  registry.forEach((element) => canvas.removeMarker(element, 'studio-faulty'));
  const byElement = Map.groupBy ? Map.groupBy(findings, (one) => one.element) : grouped(findings);
  for (const [id, list] of byElement) {
    const shape = registry.get(id);
    if (!shape) continue;
    const worst = list.some((one) => one.severity === 'error') ? 'error' : 'warning';
    const badge = made('button', `studio-badge studio-badge-${worst}`, worst === 'error' ? '✕' : '!');
    badge.title = list.map((one) => one.sentence).join('\n');
    badge.setAttribute('aria-label', badge.title);
    badge.addEventListener('click', () => onClick(list[0]));
    const position = shape.waypoints ? { top: 0, left: 0 } : { top: -12, right: 12 };
    overlays.add(shape, KIND, { position, html: badge });
    if (worst === 'error') canvas.addMarker(shape, 'studio-faulty');
  }
}

function grouped(findings) {
  const map = new Map();
  for (const one of findings) map.set(one.element, [...(map.get(one.element) ?? []), one]);
  return map;
}

/** Selects an element and brings it into the middle. */
export function show(modeler, id) {
  const element = modeler.get('elementRegistry').get(id);
  if (!element) return;
  modeler.get('canvas').scrollToElement(element, 120);
  modeler.get('selection').select(element);
}

/** What an element is called; a flow without a name by its two ends. */
function called(element) {
  const name = element.businessObject.get('name');
  if (name || !element.waypoints) return name || element.id;
  return `${called(element.source)} → ${called(element.target)}`;
}

/** Plays a path: its elements light up one after the other, with the flows between them, and stay until the next click.

    `ended`, if it is set, is called when the last one was shown. */
export class Player {
  constructor(modeler, bar) {
    Object.assign(this, { modeler, bar, lit: [] });
  }

  clear() {
    clearTimeout(this.timer);
    const canvas = this.modeler.get('canvas');
    const registry = this.modeler.get('elementRegistry');
    for (const id of this.lit) if (registry.get(id)) canvas.removeMarker(id, ON_PATH);
    this.modeler.get('overlays').remove({ type: 'path' });
    this.lit = [];
    this.bar.replaceChildren();
    this.bar.hidden = true;
  }

  /** `names`: what the elements are called, by id; one without a name by where it stands. */
  play(path, names = {}) {
    this.clear();
    this.names = names;
    this.path = path.filter((id) => this.modeler.get('elementRegistry').get(id));
    this.at = -1;
    this.bar.hidden = false;
    const button = (label, act) => {
      const one = made('button', 'btn btn-sm', t(label));
      one.addEventListener('click', act);
      return one;
    };
    this.told = made('span', 'studio-path-step');
    this.told.setAttribute('role', 'status');
    this.bar.replaceChildren(
      this.told,
      button('Back one step', () => this.step(-1)), button('Next step', () => this.step(1)),
      button('Play again', () => this.run(-1)), button('End', () => this.clear()),
    );
    this.bar.scrollIntoView({ block: 'nearest' });
    this.run(-1);
  }

  run(from) {
    this.unlight(-1);
    this.at = from;
    const next = () => {
      if (this.at >= this.path.length - 1) {
        this.ended?.();
        return;
      }
      this.light(this.at + 1);
      this.timer = setTimeout(next, BEAT);
    };
    clearTimeout(this.timer);
    next();
  }

  step(by) {
    clearTimeout(this.timer);
    const to = Math.min(Math.max(this.at + by, 0), this.path.length - 1);
    if (by < 0) this.unlight(to);
    this.light(to);
  }

  unlight(after) {
    const canvas = this.modeler.get('canvas');
    for (const id of this.lit) if (!this.path.slice(0, after + 1).includes(id)) canvas.removeMarker(id, ON_PATH);
    this.lit = this.lit.filter((id) => this.path.slice(0, after + 1).includes(id));
  }

  light(number) {
    const { path, modeler } = this;
    const element = modeler.get('elementRegistry').get(path[number]);
    this.at = number;
    if (!element) return;
    const before = number ? modeler.get('elementRegistry').get(path[number - 1]) : null;
    const flow = before?.outgoing?.find((one) => one.target === element);
    for (const one of [flow, element].filter(Boolean)) {
      modeler.get('canvas').addMarker(one, ON_PATH);
      this.lit.push(one.id);
    }
    const overlays = modeler.get('overlays');
    overlays.remove({ type: 'path' });
    if (!element.waypoints) overlays.add(element, 'path', { position: { bottom: 10, left: 4 }, html: made('span', 'studio-path-badge', `${number + 1}`) });
    modeler.get('canvas').scrollToElement(element, 80);
    const name = this.names[element.id] ?? called(element);
    this.told.textContent = t('Step {number} of {all}: {name}', { number: number + 1, all: path.length, name });
  }
}
