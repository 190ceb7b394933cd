// What the editors of a draft have in common: the file is read and saved, checked, imported and exported, and what the
// checks find is listed beside the drawing.
//
// The page (templates/studio/edit_*.html) is one <section data-studio …> with
//   data-file        path of the file in the draft        data-file-url    GET, PUT
//   data-check-url   POST                                 data-choices-url GET
//   data-csrf        token                                data-readonly    where the person may only look
// and in it [data-editor], [data-state], [data-findings], [data-notice], buttons [data-do="…"].
//
// An editor is { type, keys?, load(text), text(), act?: {name: function}, mark?(findings), show?(finding) }.

import { ask, download, made, settleConflict, showKeys } from './dialogs.js';
import { DraftFile, sentenceOf } from './drafting.js';
import { chinese, missing, t } from './words.js';

const LARGEST = 1_000_000; // bytes; the engine reads no larger diagram (workflows/engine/xml.py)
const WRITE_AFTER = 200; // milliseconds without a change before the editor is asked for its text
const CHECK_AFTER = 1500; // milliseconds after a save

const STATES = {
  readonly: ['Read only', 'ok'],
  saved: ['Saved', 'ok'],
  waiting: ['Not saved yet', 'busy'],
  saving: ['Saving …', 'busy'],
  failed: ['Not saved: {reason} Kept in this browser; it will be tried again.', 'bad'],
  refused: ['Not saved: {reason} Kept in this browser.', 'bad'],
  conflict: ['Not saved: somebody else changed this file.', 'bad'],
};

const GRAVITY = Object.keys(STATES);

export class Workbench {
  constructor(section = document.querySelector('[data-studio]')) {
    this.section = section;
    this.data = section.dataset;
    this.name = this.data.file.split('/').at(-1);
    this.findings = [];
    this.states = new Map();
  }

  part(name) {
    return this.section.querySelector(`[data-${name}]`);
  }

  /** What the panel offers: roles, forms, acts …; an unreachable list leaves it empty, and says so. */
  async choices() {
    const answer = await fetch(this.data.choicesUrl, { credentials: 'same-origin' }).catch(() => null);
    if (answer?.ok) return answer.json();
    this.notice(t('The lists of roles, forms and steps could not be loaded. Reload the page before you change the properties of steps.'));
    return {};
  }

  /** Opens the file in the editor, and keeps it. */
  async open(editor) {
    this.editor = editor;
    this.file = new DraftFile({ url: this.data.fileUrl, csrf: this.data.csrf, type: editor.type }, {
      state: (name, facts) => this.state(name, facts),
      conflict: (facts) => this.settle(facts),
      saved: () => this.checkSoon(),
    });
    this.buttons();
    globalThis.studio = { workbench: this, editor, missing, chinese };
    try {
      const { text, found } = await this.file.read();
      await this.load(text);
      this.state(this.data.readonly ? 'readonly' : 'saved');
      if (found && !this.data.readonly) await this.offer(found);
    } catch (error) {
      this.notice(t('The file could not be opened: {reason}', { reason: error.message }));
      this.section.dataset.studioState = 'failed';
      this.checkSoon(0); // says what is wrong with it, and where
      return;
    }
    this.section.dataset.studioState = 'ready';
    this.checkSoon(0);
  }

  async load(text) {
    try {
      await this.editor.load(text);
    } catch (error) {
      throw new Error(t('it is not what this editor reads.'), { cause: error });
    }
  }

  /** The editor says that its text has changed. */
  changed() {
    if (this.data.readonly) return;
    clearTimeout(this.changing);
    this.file.touch();
    this.changing = setTimeout(() => this.write(), WRITE_AFTER);
  }

  async write() {
    clearTimeout(this.changing);
    this.file.change(await this.editor.text());
  }

  async save() {
    if (this.data.readonly) return;
    if (this.file.touched) await this.write();
    await this.file.flush();
  }

  // What the page says ----------------------------------------------------------------------------------------------

  /** `of`: which file; where several are kept on one page, the page shows the state that matters most. */
  state(said, given = {}, of = this.data.fileUrl) {
    this.states.set(of, [said, given]);
    const [name, facts] = [...this.states.values()].sort((a, b) => GRAVITY.indexOf(b[0]) - GRAVITY.indexOf(a[0]))[0];
    const [text, kind] = STATES[name];
    const place = this.part('state');
    place.dataset.state = name;
    place.dataset.kind = kind;
    const time = new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' });
    place.textContent = name === 'saved' ? `${t(text)} ${time}` : t(text, facts);
  }

  /** A line above the editor, with a button or without; it goes when it is closed. */
  notice(text, label = '', act = null) {
    const line = made('p', 'studio-notice', text);
    const close = made('button', 'btn btn-sm', t('Close'));
    close.addEventListener('click', () => line.remove());
    if (act) {
      const button = made('button', 'btn btn-sm btn-primary', label);
      button.addEventListener('click', () => { line.remove(); act(); });
      line.append(' ', button);
    }
    line.append(' ', close);
    this.part('notice').replaceChildren(line);
  }

  /** What an earlier visit could not send. */
  async offer(found) {
    const at = new Date(found.at).toLocaleString(document.documentElement.lang, { timeZone: 'Asia/Shanghai' });
    const answer = await ask(t('There are changes that were not saved'), [
      t('This browser kept changes to this file of {at} that did not reach the server.', { at }),
      ...(found.revision === this.file.revision ? [] : [t('The file has been changed by somebody since.')]),
    ], [['use', t('Go on with them'), 'btn-primary'], ['export', t('Save them as a file')], ['drop', t('Drop them')]]);
    if (answer === 'use') {
      await this.load(found.text);
      this.file.change(found.text);
    } else if (answer) {
      if (answer === 'export') download(this.copyName(), found.text, this.editor.type);
      this.file.forget();
    }
  }

  copyName() {
    const dot = this.name.lastIndexOf('.');
    return `${this.name.slice(0, dot)}-${t('mine')}${this.name.slice(dot)}`;
  }

  async settle(facts) {
    const answer = await settleConflict(facts);
    if (answer === 'mine') {
      await this.file.overwrite(facts.revision === undefined ? undefined : quoted(facts.revision));
    } else if (answer) {
      if (answer === 'copy') download(this.copyName(), this.file.waiting, this.editor.type);
      await this.load(await this.file.takeTheirs());
      this.checkSoon(0);
    } else {
      this.notice(t('Your changes are not saved.'), t('Decide now'), () => this.settle(facts));
    }
  }

  // Checks ----------------------------------------------------------------------------------------------------------

  checkSoon(pause = CHECK_AFTER) {
    if (!this.data.checkUrl) return;
    clearTimeout(this.checking);
    this.checking = setTimeout(() => this.check(), pause);
  }

  /** `tests`: the recorded tests that have not passed on this content are run, too. */
  async check(tests = false) {
    const place = this.part('findings');
    place.dataset.checking = '';
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const answer = await fetch(this.data.checkUrl + (tests ? '?tests=1' : ''), {
        method: 'POST', credentials: 'same-origin', headers: { Accept: 'application/json', 'X-CSRFToken': this.data.csrf },
      });
      if (turn !== this.turn) return; // a later check is under way
      if (!answer.ok) throw new Error(await sentenceOf(answer));
      this.findings = (await answer.json()).findings;
      this.list();
      this.editor.mark?.(this.findings.flatMap((one) => this.marked(one)));
    } catch (error) {
      place.replaceChildren(made('p', 'studio-quiet', t('Not checked: {reason}', { reason: error.message })));
    } finally {
      if (turn === this.turn) delete place.dataset.checking;
    }
  }

  /** What is marked here of a finding: a failed test and a form tell the step of the diagram that they are about. */
  marked(finding) {
    if (finding.file === this.data.file) return [finding];
    if (!this.data.file.endsWith('.bpmn')) return [];
    if (finding.file.startsWith('tests/')) return [finding];
    return finding.step ? [{ ...finding, element: finding.step }] : [];
  }

  list() {
    const place = this.part('findings');
    const rows = this.findings.map((finding) => this.row(finding));
    const bad = this.findings.filter((one) => one.severity === 'error').length;
    const said = rows.length ? t('{bad} to mend, {rest} to look at', { bad, rest: rows.length - bad }) : t('Nothing found.');
    const list = made('ol', 'studio-findings-list');
    list.append(...rows);
    place.replaceChildren(made('p', 'studio-findings-count', said), ...(rows.length ? [list] : []));
    place.dataset.count = rows.length;
  }

  row(finding) {
    const row = made('li', `studio-finding studio-finding-${finding.severity}`);
    const here = finding.file === this.data.file;
    const sign = finding.severity === 'error' ? '✕' : '!';
    const words = made('button', 'studio-finding-words');
    const mark = made('span', 'studio-finding-sign', sign);
    mark.title = finding.severity === 'error' ? t('to mend') : t('to look at');
    words.append(mark, ' ', finding.sentence);
    const other = finding.elsewhere; // in the diagram of another process, one that calls this one
    const where = other ? [t('in the diagram of “{title}”, which this process is a part of', other)] : [here ? '' : finding.file, finding.element ?? '', finding.line ? t('line {line}', { line: finding.line }) : ''];
    row.append(words, made('span', 'studio-finding-where', where.filter(Boolean).join(' · ')));
    if (finding.fix) row.append(made('p', 'studio-finding-fix', t('How to mend it: {fix}', { fix: finding.fix })));
    words.addEventListener('click', () => this.go(finding));
    if (finding.ways?.length && !this.data.readonly) {
      const ways = made('p', 'studio-finding-ways');
      ways.append(...finding.ways.map((way) => {
        const button = made('button', 'btn btn-sm', way.label);
        button.addEventListener('click', () => this.mend(way, finding.revision));
        return button;
      }));
      row.append(ways);
    }
    if ((here || finding.played === this.data.file) && finding.path?.length && this.editor.play) {
      const play = made('button', 'btn btn-sm studio-finding-play', other ? t('Play its part in this diagram') : t('Play the path'));
      play.addEventListener('click', () => this.editor.play(finding.path, finding.names));
      row.append(play);
    }
    if (other) {
      const play = made('button', 'btn btn-sm studio-finding-beyond', t('Play the path in “{title}”', other));
      play.addEventListener('click', () => this.follow(other.url));
      row.append(' ', play);
    }
    return row;
  }

  /** What process.yaml says of elements that are gone is taken out, or moved, on the server: what is typed gets there first. */
  async mend({ old, new: id }, revision) {
    const here = this.data.file === 'process.yaml';
    const file = here ? this.file : this.description?.file; // of process.yaml, where this page holds it
    await this.save();
    await file?.flush();
    if (this.file.dirty || file?.dirty) {
      this.notice(t('Your changes are not saved.'));
      return;
    }
    const told = await this.mended(new URLSearchParams({ old, new: id }), file?.revision ?? quoted(revision));
    const put = (text) => (here ? this.load(text) : this.description.take(text));
    const before = here ? await this.editor.text() : this.description?.text;
    const text = await file?.takeTheirs();
    if (file) await put(text);
    if (text === before) this.notice(told);
    else this.notice(told, t('Put them back'), async () => { await put(before); file.change(before); });
    this.part('notice').scrollIntoView({ block: 'nearest' }); // the button stands below the editor, the answer above it
    this.checkSoon(0);
  }

  /** What the server says to that. */
  async mended(body, revision) {
    try {
      const answer = await fetch(this.data.mendUrl, {
        method: 'POST', credentials: 'same-origin', body,
        headers: { Accept: 'application/json', 'If-Match': revision, 'X-CSRFToken': this.data.csrf },
      });
      return answer.redirected ? t('You are no longer logged in.') : await sentenceOf(answer);
    } catch {
      return t('No connection.');
    }
  }

  /** To the place of a finding: here, or in the editor of its file. */
  go(finding) {
    if (finding.file === this.data.file) {
      this.editor.show?.(finding);
      return;
    }
    if (finding.file.startsWith('tests/')) {
      const tests = this.section.querySelector('[data-saves]')?.href;
      this.follow(tests ? `${tests}#${finding.file}` : location.href);
      return;
    }
    const links = [...this.section.querySelectorAll('[data-file-link]')];
    const link = links.find((one) => one.dataset.fileLink === finding.file);
    if (!link && finding.path?.length) { // it is in a process that calls this one, which breaks the law there
      if (finding.played === this.data.file) this.editor.play?.(finding.path, finding.names);
      else links.find((one) => one.dataset.fileLink === finding.played)?.click();
      return;
    }
    if (link) location.assign(`${link.href}#${encodeURIComponent(finding.element ?? `line-${finding.line ?? 1}`)}`);
  }

  // Buttons ---------------------------------------------------------------------------------------------------------

  buttons() {
    const acts = {
      save: () => this.save(),
      check: () => this.checkNow(),
      import: () => this.part('import').click(),
      export: async () => download(this.name, await this.editor.text(), this.editor.type),
      keys: () => showKeys(this.editor.keys ?? []),
      ...this.editor.act,
    };
    this.section.addEventListener('click', (event) => {
      const act = acts[event.target.closest('[data-do]')?.dataset.do];
      if (act) act(event.target.closest('[data-do]'));
      const link = event.target.closest('[data-saves]');
      if (link && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
        event.preventDefault();
        this.follow(link.href);
      }
    });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
        event.preventDefault();
        this.save();
      } else if (event.key === 'F1') {
        event.preventDefault();
        acts.keys();
      }
    });
    this.part('import')?.addEventListener('change', (event) => {
      const [file] = event.target.files;
      if (file) this.import(file);
      event.target.value = '';
    });
  }

  /** To a page that reads the draft from the server: what is typed gets there first. What can't keeps its question. */
  async follow(address) {
    await this.save();
    location.assign(address);
  }

  async checkNow() {
    await this.save();
    clearTimeout(this.checking);
    await this.check(true);
  }

  /** Why a file can't be read, as the server tells it; nothing where it can. */
  async unreadable(file) {
    try {
      const answer = await fetch(`${this.data.readingUrl}&name=${encodeURIComponent(file.name)}`, {
        method: 'POST', credentials: 'same-origin', body: file,
        headers: { Accept: 'application/json', 'Content-Type': 'application/octet-stream', 'X-CSRFToken': this.data.csrf },
      });
      if (answer.redirected) return t('You are no longer logged in.');
      return answer.ok ? '' : await sentenceOf(answer);
    } catch {
      return t('No connection.');
    }
  }

  /** Another file takes the place of this one, byte for byte, if the editor can read it. */
  async import(file) {
    if (file.size > LARGEST) {
      this.notice(t('{name} is larger than 1 MB. Nothing was imported.', { name: file.name }));
      return;
    }
    const unread = await this.unreadable(file);
    if (unread) {
      this.notice(t('Nothing was imported. {reason}', { reason: unread }));
      return;
    }
    const before = await this.editor.text();
    const text = await file.text();
    try {
      await this.load(text);
    } catch (error) {
      await this.load(before);
      this.notice(t('{name} was not imported: {reason}', { name: file.name, reason: error.message }));
      return;
    }
    clearTimeout(this.changing);
    this.file.change(text);
    this.notice(t('{name} was imported.', { name: file.name }), t('Take back'), async () => {
      await this.load(before);
      this.file.change(before);
    });
  }
}

const quoted = (revision) => (String(revision).startsWith('"') ? String(revision) : `"${revision}"`);
