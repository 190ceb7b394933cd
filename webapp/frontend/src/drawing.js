// With what diagrams are drawn: variables of the page, so that a drawing turns dark with it.

import './drawing.css';

const COLOURS = { '--drawing-fill': '#fff', '--drawing-line': '#22252b', '--drawing-ink': '#1a2533' };

/** For the renderers of bpmn-js and dmn-js. */
export const drawn = {
  defaultFillColor: 'var(--drawing-fill)', defaultStrokeColor: 'var(--drawing-line)', defaultLabelColor: 'var(--drawing-ink)',
};

/** A drawing as a file: on white paper, in colours that other programs know. */
export const onPaper = (svg) => svg.replace(/var\((--drawing-\w+)\)/g, (whole, name) => COLOURS[name] ?? whole);
