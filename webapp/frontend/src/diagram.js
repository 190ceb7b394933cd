// Shows the diagram of a process, read only, with the steps that are done and those that are under way.
//
//   <figure data-diagram="/cases/…/diagram.bpmn" data-label="办案流程图"
//           data-current="legal_first_review" data-done="start filing"
//           data-text-current="当前" data-text-done="已完成"
//           data-text-zoom-in="放大" data-text-zoom-out="缩小" data-text-fit="适合窗口"
//           data-text-failed="流程图暂时无法显示，请看下面的文字。">
//     <ol> … the same in words … </ol>
//   </figure>
//
// A comparison says data-marks='[{"id": "…", "change": "added"}, …]' instead, with a data-text-… for each kind of change.
//
// Operations say data-badges='[{"id": "…", "text": "12", "name": "…", "title": "…", "level": "count", "href": "/…"}, …]';
// the name stands beside the figure as long as the one in the drawing is too small to be read.
//
// data-current and data-done are ids of elements, separated by spaces. The words inside the figure are written by the
// server: they are what a reader without script or without sight has. They stay in the page, out of sight, once the
// drawing is there. State is shown by a mark and a kind of line as well as by colour.
//
// No style is written into markup: the content policy `style-src 'self'` holds.

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';

import { drawn } from './drawing.js';

/** Below this scale the Chinese labels can't be read: better to show the current step than the whole. */
const READABLE = 0.45;
const CLOSE = 0.85;
/** Where figures stand on the steps, they are what is read: the whole drawing, unless the screen is that of a phone. */
const OVERVIEW = 0.2;
/** From this scale on the names in the drawing are read. */
const NAMED = 0.6;
const STEP = 1.25;
/** However small the drawing, what is written on it can be read. */
const LEGIBLE = 0.8;
/** Room around the drawing, in its own units. */
const MARGIN = 40;
/** Events and gateways are too small for words: the sign alone is put on them. */
const ROOM_FOR_WORDS = 60;

const ids = (list) => (list ?? '').split(/\s+/).filter(Boolean);

function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Puts a mark on each of the elements that the drawing knows; ids of called processes are simply not in it. */
function mark(viewer, list, state, sign, text) {
  const registry = viewer.get('elementRegistry');
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  const marked = [];
  for (const id of list) {
    const shape = registry.get(id);
    if (!shape || shape.waypoints) continue;
    canvas.addMarker(id, `step-${state}`);
    const words = shape.width < ROOM_FOR_WORDS ? sign : `${sign} ${text}`.trim();
    const badge = element('span', `step-badge step-badge-${state}`, words);
    badge.title = text;
    overlays.add(id, 'step', { position: { top: -11, left: 4 }, html: badge });
    marked.push(shape);
  }
  return marked;
}

/** Writes figures on elements: how many wait there, how long they took. An address makes one a link. */
function markFigures(viewer, badges) {
  const registry = viewer.get('elementRegistry');
  const shapes = [];
  for (const one of badges) {
    const shape = registry.get(one.id);
    if (!shape || shape.waypoints) continue;
    viewer.get('canvas').addMarker(one.id, `step-${one.level}`);
    const badge = element(one.href ? 'a' : 'span', `step-badge step-badge-${one.level}`, one.text);
    badge.title = one.title;
    if (one.name) badge.dataset.name = one.name;
    if (one.href) {
      badge.href = one.href;
      badge.setAttribute('aria-label', one.title);
    }
    viewer.get('overlays').add(one.id, 'step', { position: { top: -11, left: 4 }, html: badge });
    shapes.push(shape);
  }
  return shapes;
}

const SIGNS = { added: '+', removed: '−', changed: '✎', moved: '↔' };

/** Marks what is different from another version; flows by their line alone. The shapes to begin with are given back. */
function markChanges(viewer, marks, texts) {
  const registry = viewer.get('elementRegistry');
  const first = [];
  for (const change of Object.keys(SIGNS)) {
    const found = marks.filter((one) => one.change === change).map((one) => one.id);
    for (const id of found) if (registry.get(id)?.waypoints) viewer.get('canvas').addMarker(id, `step-${change}`);
    if (change === 'moved') { // room made for something new moves half of a drawing: a line says it, words would hide it
      for (const id of found) if (registry.get(id)) viewer.get('canvas').addMarker(id, 'step-moved');
      continue;
    }
    const word = texts[`text${change[0].toUpperCase()}${change.slice(1)}`] ?? '';
    const shapes = mark(viewer, found, change, SIGNS[change], word);
    first.push(...shapes.filter((shape) => !shape.children?.length));
  }
  return first;
}

/** Where a view of a length begins so that a point is in its middle and as little as possible lies outside. */
function begin(middle, length, start, extent) {
  if (length >= extent) return start + extent / 2 - length / 2;
  return Math.min(Math.max(middle - length / 2, start - MARGIN), start + extent + MARGIN - length);
}

/** Fits the drawing into its frame; where it would become unreadable, shows the neighbourhood of the current step.
    `least`: the scale from which on it counts as readable. */
function fit(viewer, current, whole = false, least = READABLE) {
  const canvas = viewer.get('canvas');
  canvas.resized();
  const scale = canvas.zoom('fit-viewport', 'auto');
  if (whole || scale >= least || !current.length) return;
  const { x, y, width, height } = current[0];
  const { outer, inner } = canvas.viewbox();
  const view = { width: outer.width / CLOSE, height: outer.height / CLOSE };
  canvas.viewbox({
    x: begin(x + width / 2, view.width, inner.x, inner.width),
    y: begin(y + height / 2, view.height, inner.y, inner.height),
    ...view,
  });
}

/** Makes the frame as high as the whole drawing is where it takes the whole width, and fits it in. */
function overview(frame, viewer, shapes) {
  const { inner } = viewer.get('canvas').viewbox();
  const scale = Math.min(1, frame.clientWidth / (inner.width + MARGIN));
  if (frame.clientWidth && inner.width) frame.style.height = `min(85vh, ${Math.ceil((inner.height + MARGIN) * scale)}px)`;
  fit(viewer, shapes, false, OVERVIEW);
}

/** The page knows whether what is written in the drawing can be read. */
function tellScale(frame, viewer) {
  const tell = () => frame.classList.toggle('diagram-small', viewer.get('canvas').zoom() < NAMED);
  viewer.on('canvas.viewbox.changed', tell);
  tell();
}

/** Another width of the window, or a frame that only now has one, and the drawing is fitted again. */
function follow(frame, refit) {
  let last = frame.clientWidth;
  new ResizeObserver(() => {
    if (!frame.clientWidth || frame.clientWidth === last) return;
    last = frame.clientWidth;
    refit();
  }).observe(frame);
}

function toolbar(viewer, texts, current) {
  const canvas = viewer.get('canvas');
  const bar = element('div', 'diagram-tools btn-group');
  const button = (sign, label, act) => {
    const made = element('button', 'btn btn-sm', sign);
    made.type = 'button';
    made.title = label;
    made.setAttribute('aria-label', label);
    made.addEventListener('click', act);
    bar.append(made);
  };
  button('+', texts.textZoomIn, () => canvas.zoom(canvas.zoom() * STEP, 'auto'));
  button('−', texts.textZoomOut, () => canvas.zoom(canvas.zoom() / STEP, 'auto'));
  button('⤢', texts.textFit, () => fit(viewer, current, true));
  return bar;
}

/** Draws one figure. Whatever goes wrong, the words of the server stay. */
async function show(figure) {
  const words = [...figure.children];
  const frame = element('div', 'diagram-canvas');
  frame.setAttribute('role', 'group'); // not an image: the logo in it is a link
  frame.setAttribute('aria-label', figure.dataset.label ?? '');
  figure.prepend(frame);
  try {
    const answer = await fetch(figure.dataset.diagram, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`the diagram answered ${answer.status}`);
    const viewer = new NavigatedViewer({
      container: frame,
      moddleExtensions: { camunda },
      bpmnRenderer: drawn,
      zoomScroll: { enabled: false }, // the wheel scrolls the page, as everywhere else
      canvas: { deferUpdate: false }, // what lies on the drawing moves with it
      overlays: { defaults: { show: { minZoom: 0 }, scale: { min: LEGIBLE } } },
    });
    await viewer.importXML(await answer.text());
    if (figure.dataset.marks) {
      const changed = markChanges(viewer, JSON.parse(figure.dataset.marks), figure.dataset);
      fit(viewer, changed);
      follow(frame, () => fit(viewer, changed));
      frame.before(toolbar(viewer, figure.dataset, changed));
      figure.dataset.diagramState = 'shown';
      return;
    }
    if (figure.dataset.badges) {
      const shapes = markFigures(viewer, JSON.parse(figure.dataset.badges));
      overview(frame, viewer, shapes);
      follow(frame, () => overview(frame, viewer, shapes));
      tellScale(frame, viewer);
      frame.before(toolbar(viewer, figure.dataset, shapes));
      figure.dataset.diagramState = 'shown';
      return;
    }
    const current = ids(figure.dataset.current);
    const done = ids(figure.dataset.done).filter((id) => !current.includes(id));
    mark(viewer, done, 'done', '✓', figure.dataset.textDone ?? '');
    const shapes = mark(viewer, current, 'current', '▶', figure.dataset.textCurrent ?? '');
    fit(viewer, shapes);
    follow(frame, () => fit(viewer, shapes));
    frame.before(toolbar(viewer, figure.dataset, shapes));
    words.forEach((word) => word.classList.add('visually-hidden'));
    figure.dataset.diagramState = 'shown';
  } catch (error) {
    frame.remove();
    const notice = element('p', 'alert alert-warning', figure.dataset.textFailed ?? '');
    notice.setAttribute('role', 'status');
    figure.prepend(notice);
    figure.dataset.diagramState = 'failed';
    console.warn('diagram', error);
  }
}

document.querySelectorAll('[data-diagram]').forEach(show);
// htmx may bring a figure later, with a part of the page
document.addEventListener('htmx:load', (event) => {
  const part = event.target;
  if (!(part instanceof Element)) return;
  part.querySelectorAll('[data-diagram]:not([data-diagram-state])').forEach((figure) => {
    if (!figure.querySelector(':scope > .diagram-canvas')) show(figure);
  });
});
