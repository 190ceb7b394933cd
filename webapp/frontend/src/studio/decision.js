// The editor of a decision table: dmn-js on the workbench of the studio, with what the engine reads (DMN 1.3, FEEL).

import DmnModeler from 'dmn-js/lib/Modeler';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import './studio.css';

import { drawn } from '../drawing.js';
import { byTheCell } from './undoing.js';
import { Workbench } from './workbench.js';
import { retell, t, wordsModule } from './words.js';

const KEYS = [
  ['Ctrl + S', 'Save at once'], ['Ctrl + Z', 'Undo'], ['Ctrl + Y', 'Redo'], ['Ctrl + F', 'Search'],
  ['Enter', 'Next row'], ['Shift + Enter', 'Row before'], ['F1', 'This list'],
];
/** Types of columns that workflows/engine/typerefs.py reads. */
const TYPES = ['string', 'boolean', 'number', 'integer', 'long', 'double', 'date', 'dateTime', 'dayTimeDuration', 'yearMonthDuration'];

/** Knowledge models are refused by the engine: the drawing of requirements does not offer them. */
class OfferedInDrawing {
  static $inject = ['palette'];

  constructor(palette) {
    palette.registerProvider(300, this);
  }

  getPaletteEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => id !== 'create.business-knowledge-model'));
  }
}

const offeredModule = { __init__: ['offeredInDrawing'], offeredInDrawing: ['type', OfferedInDrawing] };

class DecisionEditor {
  type = 'application/xml';
  keys = KEYS;

  constructor(dmn, bench) {
    this.dmn = dmn;
    const heard = new WeakSet();
    new MutationObserver(() => { // dmn-js leaves the head of the rules' numbers without a word: it heads nothing
      document.querySelectorAll('th.index-column:not([role])').forEach((head) => head.setAttribute('role', 'presentation'));
    }).observe(document.querySelector('[data-editor]'), { childList: true, subtree: true });
    dmn.on('views.changed', ({ activeView }) => {
      this.tabs(bench, activeView);
      const viewer = dmn.getActiveViewer();
      if (!viewer || heard.has(viewer)) return;
      heard.add(viewer);
      byTheCell(viewer);
      viewer.on('commandStack.changed', () => {
        if (this.loading) return;
        this.original = null;
        bench.changed();
      });
    });
    const stack = () => dmn.getActiveViewer().get('commandStack');
    this.act = { undo: () => stack().undo(), redo: () => stack().redo() };
  }

  /** One tab for each decision of the file, and one for how they require each other. */
  tabs(bench, active) {
    const place = bench.part('views');
    const views = this.dmn.getViews();
    place.hidden = views.length < 2;
    place.replaceChildren(...views.map((view) => {
      const tab = document.createElement('button');
      tab.type = 'button';
      tab.className = 'btn btn-sm';
      tab.textContent = view.type === 'drd' ? t('Requirements') : view.element.name || view.element.id;
      tab.setAttribute('aria-pressed', String(active?.element === view.element));
      tab.addEventListener('click', () => this.dmn.open(view));
      return tab;
    }));
  }

  async load(text) {
    this.loading = true;
    try {
      await this.dmn.importXML(text);
      const table = this.dmn.getViews().find((view) => view.type === 'decisionTable');
      if (table) await this.dmn.open(table);
    } finally {
      this.loading = false;
    }
    this.original = text;
  }

  async text() {
    return this.original ?? (await this.dmn.saveXML({ format: true })).xml;
  }

  /** Opens the decision that a finding speaks of. */
  show({ element }) {
    const view = this.dmn.getViews().find((one) => one.element.id === element);
    if (view) this.dmn.open(view);
  }
}

async function start() {
  const bench = new Workbench();
  const additionalModules = [wordsModule];
  const dmn = new DmnModeler({
    container: bench.part('editor'),
    common: {
      dataTypes: TYPES,
      expressionLanguages: { options: [{ label: 'FEEL', value: 'feel' }], defaults: { editor: 'feel', inputCell: 'feel', inputHeadCell: 'feel', outputCell: 'feel' } },
    },
    drd: { drdRenderer: drawn, additionalModules: [...additionalModules, offeredModule] },
    decisionTable: { additionalModules },
    literalExpression: { additionalModules },
    boxedExpression: { additionalModules },
  });
  retell(bench.part('editor'), 'textarea, input, [contenteditable="true"], .cm-editor, .cell');
  await bench.open(new DecisionEditor(dmn, bench));
  globalThis.studio.dmn = dmn;
}

start().catch((error) => console.error(t('The editor could not start.'), error));
