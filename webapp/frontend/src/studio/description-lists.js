// process.yaml beside the diagram: the panel reads and writes lists in it, and each write goes to the draft at once.

import { DraftFile } from './drafting.js';
import { readGates, readLabel, readList, writeGates, writeLabel, writeList } from './lists.js';
import { t } from './words.js';

export class Description {
  constructor(bench) {
    this.bench = bench;
    this.text = '';
    this.file = new DraftFile({ url: bench.data.descriptionUrl, csrf: bench.data.csrf, type: 'application/yaml' }, {
      state: (name, facts) => bench.state(name, facts, bench.data.descriptionUrl),
      conflict: async () => {
        this.take(await this.file.takeTheirs());
        bench.notice(t('process.yaml was changed by somebody else meanwhile. Their version is shown; please make your choice again.'));
      },
      saved: () => bench.checkSoon(),
    });
  }

  async read() {
    try {
      this.text = (await this.file.read()).text;
    } catch (error) {
      this.bench.notice(t('process.yaml could not be read: {reason}', { reason: error.message }));
    }
  }

  /** Redraws the panel when a list has changed. */
  follow(modeler) {
    this.redraw = () => {
      const [selected] = modeler.get('selection').get();
      const element = selected ?? modeler.get('canvas').getRootElement();
      modeler.get('eventBus').fire('elements.changed', { elements: [element] });
    };
  }

  list(...keys) {
    return readList(this.text, ...keys);
  }

  setList(keys, values) {
    this.write(writeList(this.text, keys, values));
  }

  /** The conditions beyond the law at a step. */
  gates(step) {
    return readGates(this.text, step);
  }

  setGates(step, gates) {
    this.write(writeGates(this.text, step, gates));
  }

  /** Of some steps, those that are kept apart from one: named at it, or naming it. */
  apart(step, steps) {
    const own = this.list('apart', step);
    return steps.filter((other) => own.includes(other) || this.list('apart', other).includes(step));
  }

  /** It is written at the step; others keep what they say of third ones. */
  setApart(step, steps, chosen) {
    const without = (text, other) => writeList(text, ['apart', other], readList(text, 'apart', other).filter((one) => one !== step));
    const naming = steps.filter((other) => this.list('apart', other).includes(step));
    this.write(writeList(naming.reduce(without, this.text), ['apart', step], chosen));
  }

  /** The name of an element in English; '' where process.yaml has none. */
  english(id) {
    return readLabel(this.text, id).en;
  }

  setEnglish(id, zh, en) {
    this.write(writeLabel(this.text, id, { zh, en }));
  }

  /** The text of the server takes the place of this one. */
  take(text) {
    this.text = text;
    this.redraw();
  }

  write(text) {
    if (this.bench.data.readonly || text === this.text) return;
    this.text = text;
    this.file.change(text);
    this.redraw();
  }
}
