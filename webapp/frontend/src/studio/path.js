// The way on which a finding goes wrong, played in the diagrams that it leads through, one stretch after the other.
//
//   <figure data-path-diagram="/studio/…/diagram" data-steps='[{"id": "…", "name": "…"}, …]' data-label="…"
//           data-text-play="播放路径" data-text-failed="…">
//     <ol> … the same in words … </ol>
//   </figure>
//
// The words of the server stay in the page. Nothing can be changed here.

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../diagram.css';
import './path.css';

import { drawn } from '../drawing.js';
import { made } from './dialogs.js';
import { Player } from './marking.js';

const LEGIBLE = 0.7; // below it the Chinese of the steps can't be read: the drawing follows the path instead

/** Draws one stretch; gives back what plays it, or null where it can't be drawn. */
async function draw(figure) {
  const frame = made('div', 'diagram-canvas');
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', figure.dataset.label ?? '');
  const bar = made('div', 'studio-path');
  bar.hidden = true;
  const again = made('button', 'btn btn-sm path-play', figure.dataset.textPlay);
  again.type = 'button';
  figure.prepend(again, bar, frame);
  try {
    const answer = await fetch(figure.dataset.pathDiagram, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`the diagram answered ${answer.status}`);
    const viewer = new NavigatedViewer({ container: frame, moddleExtensions: { camunda }, bpmnRenderer: drawn, zoomScroll: { enabled: false } });
    await viewer.importXML(await answer.text());
    const canvas = viewer.get('canvas');
    if (canvas.zoom('fit-viewport', 'auto') < LEGIBLE) canvas.zoom(LEGIBLE);
    const steps = JSON.parse(figure.dataset.steps);
    const player = new Player(viewer, bar);
    const play = () => player.play(steps.map((one) => one.id), Object.fromEntries(steps.map((one) => [one.id, one.name])));
    again.addEventListener('click', play);
    figure.dataset.diagramState = 'shown';
    return { player, play };
  } catch (error) {
    for (const part of [again, bar, frame]) part.remove();
    const notice = made('p', 'alert alert-warning', figure.dataset.textFailed);
    notice.setAttribute('role', 'status');
    figure.prepend(notice);
    figure.dataset.diagramState = 'failed';
    console.warn('path', error);
    return null;
  }
}

const shown = await Promise.all([...document.querySelectorAll('[data-path-diagram]')].map(draw));
const stretches = shown.filter(Boolean);
stretches.forEach((one, number) => {
  one.player.ended = () => {
    one.player.ended = null; // the rest follows once; then each is played by its own button
    stretches[number + 1]?.play();
  };
});
stretches[0]?.play();
