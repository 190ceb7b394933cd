// What the engine runs, of all that a BPMN modeler can draw (docs/bpmn-support.md): only that is offered.
//
// The menus of bpmn-js name their entries by what they make: "replace-with-script-task", "append-script-task". An entry
// is taken away when its name holds one of NEVER, or when a rule says that it has no place at the element in question.
// A diagram that is imported may hold such elements all the same; the checks refuse them with their reason.

import { is } from 'bpmn-js/lib/util/ModelUtil';
import { isEventSubProcess } from 'bpmn-js/lib/util/DiUtil';

const NEVER = ['script-task', 'complex-gateway', 'ad-hoc', 'compensation', 'collapsed-pool', 'collapsed-subprocess',
  'toggle-participant-multiplicity'];
const TYPED_START = /(message|timer|conditional|signal|error|escalation)-start$/;
const WORKS = ['bpmn:CallActivity', 'bpmn:SubProcess', 'bpmn:ServiceTask', 'bpmn:SendTask', 'bpmn:BusinessRuleTask'];
/** Who can end with an error or an escalation that a boundary event catches. */
const FAILS = { error: WORKS, escalation: ['bpmn:CallActivity', 'bpmn:SubProcess'], cancel: ['bpmn:Transaction'] };

/** Whether a menu may offer the entry `id` at an element (none when something new is made from the palette). */
export function offered(id, element = null) {
  if (NEVER.some((part) => id.includes(part))) return false;
  if (TYPED_START.test(id)) {
    return Boolean(element && is(element, 'bpmn:StartEvent') && isEventSubProcess(element.parent));
  }
  const boundary = /(error|escalation|cancel)-boundary$/.exec(id);
  if (boundary && element) {
    const host = is(element, 'bpmn:BoundaryEvent') ? element.host : element;
    return FAILS[boundary[1]].some((type) => is(host, type));
  }
  if (id.endsWith('cancel-end')) return Boolean(element && is(element.parent, 'bpmn:Transaction'));
  return true;
}

class OfferedMenus {
  static $inject = ['popupMenu'];

  constructor(popupMenu) {
    for (const menu of ['bpmn-replace', 'bpmn-append', 'bpmn-create']) popupMenu.registerProvider(menu, 300, this);
  }

  getPopupMenuEntries(element) {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => offered(id, element)));
  }

  getPopupMenuHeaderEntries(element) {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => offered(id, element)));
  }
}

/** A step of a person is what people draw most: palette and context pad make it at once, instead of a task of no type. */
class StepsOfPeople {
  static $inject = ['palette', 'contextPad', 'elementFactory', 'create', 'autoPlace', 'translate'];

  constructor(palette, contextPad, elementFactory, create, autoPlace, translate) {
    Object.assign(this, { elementFactory, create, autoPlace, translate });
    palette.registerProvider(300, this);
    contextPad.registerProvider(300, this);
  }

  step() {
    return this.elementFactory.createShape({ type: 'bpmn:UserTask' });
  }

  getPaletteEntries() {
    const start = (event) => this.create.start(event, this.step());
    return (entries) => ({
      ...entries,
      'create.task': {
        ...entries['create.task'],
        className: 'bpmn-icon-user-task',
        title: this.translate('Create user task'),
        action: { click: start, dragstart: start },
      },
    });
  }

  getContextPadEntries(element) {
    const drag = (event) => this.create.start(event, this.step(), { source: element });
    const append = () => this.autoPlace.append(element, this.step());
    return (entries) => {
      if (!entries['append.append-task']) return entries;
      const changed = {
        ...entries['append.append-task'],
        className: 'bpmn-icon-user-task',
        title: this.translate('Append user task'),
        action: { click: append, dragstart: drag },
      };
      return { ...entries, 'append.append-task': changed };
    };
  }
}

export const offeredModule = {
  __init__: ['offeredMenus', 'stepsOfPeople'],
  offeredMenus: ['type', OfferedMenus],
  stepsOfPeople: ['type', StepsOfPeople],
};
