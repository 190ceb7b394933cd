// The editor of the diagram: bpmn-js with the parts that an administrator needs, on the workbench of the studio.

import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import behaviors from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule }
  from 'bpmn-js-properties-panel';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import gridModule from 'diagram-js-grid';
import minimapModule from 'diagram-js-minimap';
import Modeler from 'bpmn-js/lib/Modeler';
import simulationModule from 'bpmn-js-token-simulation';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/assets/properties-panel.css';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './studio.css';

import { drawn, onPaper } from '../drawing.js';
import { adder } from './adding.js';
import { Description } from './description-lists.js';
import { download } from './dialogs.js';
import { mark, Player, show } from './marking.js';
import { offeredModule } from './offered.js';
import { houseModule } from './panel/house.js';
import { Workbench } from './workbench.js';
import { retell, t, wordsModule } from './words.js';

/** Room for the palette, and at the other sides; pixels of the screen. */
const PALETTE = 120;
const TOP = 24;
const EDGE = 16;
/** Below this scale the Chinese labels can't be read. */
const READABLE = 0.55;
/** Milliseconds. */
const PAINTED = 100;
const KEYS = [
  ['Ctrl + S', 'Save at once'], ['Ctrl + Z', 'Undo'], ['Ctrl + Y', 'Redo'], ['Ctrl + F', 'Search'],
  ['Ctrl + C', 'Copy'], ['Ctrl + V', 'Paste'], ['Ctrl + A', 'Select all'], ['Delete', 'Remove'],
  ['E', 'Edit the name'], ['N', 'Create an element'], ['A', 'Append an element'], ['R', 'Change the kind of an element'],
  ['H', 'Hand tool'], ['L', 'Lasso tool'], ['S', 'Space tool'], ['C', 'Connect tool'], ['T', 'Simulation on and off'],
  ['Ctrl + +', 'Enlarge'], ['Ctrl + -', 'Reduce'], ['Ctrl + 0', 'Original size'], ['F1', 'This list'],
];

const SEARCHED = '.djs-search-input input';

/** The whole drawing, beside the palette and not under it; where it would be unreadable, its beginning, unless asked for. */
function fit(modeler, whole = false) {
  const canvas = modeler.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  const { inner, outer } = canvas.viewbox();
  const fitting = Math.min((outer.width - PALETTE - EDGE) / inner.width, (outer.height - TOP - EDGE) / inner.height, 1);
  if (!(fitting > 0) || !Number.isFinite(fitting)) return; // an empty drawing, or a frame without room
  const scale = whole ? fitting : Math.max(fitting, READABLE);
  canvas.viewbox({ x: inner.x - PALETTE / scale, y: inner.y - TOP / scale, width: outer.width / scale, height: outer.height / scale });
}

/** A diagram on the workbench. What has not been edited since it was read is given back byte for byte. */
class DiagramEditor {
  type = 'application/xml';
  keys = KEYS;

  constructor(modeler, bench) {
    this.modeler = modeler;
    this.player = new Player(modeler, bench.part('path'));
    const stack = () => modeler.get('commandStack');
    this.act = {
      undo: () => stack().undo(),
      redo: () => stack().redo(),
      search: () => setTimeout(() => modeler.get('searchPad').toggle()), // after this click, which would close it again
      simulate: () => modeler.get('toggleMode').toggleMode(),
      'zoom-in': () => modeler.get('zoomScroll').stepZoom(1),
      'zoom-out': () => modeler.get('zoomScroll').stepZoom(-1),
      fit: () => fit(modeler, true),
      svg: async () => download(bench.name.replace(/\.bpmn$/, '.svg'), onPaper((await modeler.saveSVG()).svg), 'image/svg+xml'),
    };
    modeler.on('commandStack.changed', () => {
      if (this.loading) return;
      this.original = null;
      bench.changed();
      this.undoable(bench);
    });
    // The search listens to keys alone: text that arrives without one (input method, paste by mouse, dictation) is told it so.
    modeler.get('canvas').getContainer().addEventListener('input', ({ target }) => {
      if (target.matches(SEARCHED)) target.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true }));
    });
    modeler.on('tokenSimulation.toggleMode', ({ active }) => {
      bench.section.toggleAttribute('data-simulating', active);
      bench.section.querySelector('[data-do="simulate"]')?.setAttribute('aria-pressed', String(active));
    });
  }

  undoable(bench) {
    for (const [name, can] of [['undo', 'canUndo'], ['redo', 'canRedo']]) {
      const button = bench.section.querySelector(`[data-do="${name}"]`);
      if (button) button.disabled = !this.modeler.get('commandStack')[can]();
    }
  }

  async load(text) {
    this.loading = true;
    try {
      await this.modeler.importXML(text);
    } finally {
      this.loading = false;
    }
    this.original = text;
    fit(this.modeler);
  }

  async text() {
    return this.original ?? (await this.modeler.saveXML({ format: true })).xml;
  }

  mark(findings) {
    mark(this.modeler, findings, (finding) => this.show(finding));
  }

  show(finding) {
    if (finding.element) show(this.modeler, finding.element);
  }

  play(path, names) {
    this.player.play(path, names);
  }
}

async function start() {
  const bench = new Workbench();
  const description = new Description(bench);
  bench.description = description;
  const [choices] = await Promise.all([bench.choices(), description.read()]);
  const modeler = new Modeler({
    container: bench.part('editor'),
    propertiesPanel: { parent: bench.part('panel') },
    studio: { choices, description, add: adder(bench) },
    moddleExtensions: { camunda },
    bpmnRenderer: drawn,
    additionalModules: [
      wordsModule, BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule,
      behaviors, simulationModule, minimapModule, gridModule, CreateAppendAnythingModule, offeredModule, houseModule,
    ],
  });
  retell(bench.part('editor'), '.djs-label, [contenteditable="true"], input, .djs-search-result-primary');
  retell(bench.part('panel'), 'textarea, input, [contenteditable="true"], option');
  description.follow(modeler);
  const editor = new DiagramEditor(modeler, bench);
  await bench.open(editor);
  editor.undoable(bench);
  globalThis.studio.modeler = modeler;
  const wanted = decodeURIComponent(location.hash.slice(1));
  // the panel listens to the selection only after it has been painted once
  if (wanted) requestAnimationFrame(() => setTimeout(() => show(modeler, wanted), PAINTED));
}

start().catch((error) => console.error(t('The editor could not start.'), error));
