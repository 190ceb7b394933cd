// The editor of process.yaml: plain text with line numbers, and what the checks find beside the lines.

import './studio.css';

import { made } from './dialogs.js';
import { Workbench } from './workbench.js';
import { t } from './words.js';

const INDENT = '  ';
const KEYS = [['Ctrl + S', 'Save at once'], ['Ctrl + Z', 'Undo'], ['Ctrl + Y', 'Redo'], ['Tab', 'Indent'], ['Esc , Tab', 'Leave the text'],
  ['F8', 'Next problem'], ['F1', 'This list']];

class DescriptionEditor {
  type = 'application/yaml';
  keys = KEYS;

  constructor(bench) {
    this.area = made('textarea', 'studio-text');
    Object.assign(this.area, { spellcheck: false, wrap: 'off', readOnly: Boolean(bench.data.readonly) });
    this.area.setAttribute('aria-label', bench.name);
    this.gutter = made('div', 'studio-lines');
    this.gutter.setAttribute('aria-hidden', 'true');
    bench.part('editor').append(this.gutter, this.area);
    this.found = [];
    this.area.addEventListener('input', () => { this.number(); bench.changed(); });
    this.area.addEventListener('scroll', () => { this.gutter.scrollTop = this.area.scrollTop; });
    this.area.addEventListener('keydown', (event) => this.key(event));
  }

  async load(text) {
    if (text.includes('\0')) throw new Error(t('not a text'));
    this.area.value = text;
    this.number();
  }

  async text() {
    return this.area.value;
  }

  /** Line numbers, and a sign at the lines that something was found in. */
  number() {
    const count = this.area.value.split('\n').length;
    const signs = new Map(this.found.map((one) => [one.line, one]));
    this.gutter.replaceChildren(...Array.from({ length: count }, (_, at) => {
      const finding = signs.get(at + 1);
      const row = made('div', finding ? `studio-line studio-line-${finding.severity}` : 'studio-line', String(at + 1));
      if (finding) row.title = finding.sentence;
      return row;
    }));
    this.gutter.scrollTop = this.area.scrollTop;
  }

  mark(findings) {
    this.found = findings.filter((one) => one.line);
    this.number();
  }

  show({ line }) {
    if (line) this.goTo(line);
  }

  goTo(line) {
    const rows = this.area.value.split('\n');
    const start = rows.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (rows[line - 1]?.length ?? 0));
    const height = this.area.scrollHeight / rows.length;
    this.area.scrollTop = Math.max(0, (line - 5) * height);
  }

  /** Tab indents, as long as the person has not said with Escape that the focus shall go on. */
  key(event) {
    if (event.key === 'Escape') {
      this.leaving = true;
    } else if (event.key === 'Tab' && !this.leaving && !event.shiftKey && !this.area.readOnly) {
      event.preventDefault();
      document.execCommand('insertText', false, INDENT); // the one way that keeps the browser's undo
    } else if (event.key === 'F8' && this.found.length) {
      event.preventDefault();
      const at = this.area.value.slice(0, this.area.selectionStart).split('\n').length;
      const lines = this.found.map((one) => one.line).sort((a, b) => a - b);
      this.goTo(lines.find((line) => line > at) ?? lines[0]);
    } else if (event.key !== 'Shift') {
      this.leaving = false;
    }
  }
}

async function start() {
  const bench = new Workbench();
  const editor = new DescriptionEditor(bench);
  await bench.open(editor);
  const line = /^#line-(\d+)$/.exec(location.hash)?.[1];
  if (line) editor.goTo(Number(line));
}

start().catch((error) => console.error(t('The editor could not start.'), error));
