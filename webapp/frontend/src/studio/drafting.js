// One file of a draft: read, kept while it is edited, and never lost.
//
// The server is asked with the revision that was read (If-Match). Somebody else's save in between is a conflict that a
// person settles. What could not be sent stays in this browser and is tried again; a later visit offers it.

import { t } from './words.js';

const QUIET = 1000; // milliseconds without a change before the file is sent
const TRIES = [2, 4, 8, 16, 30, 60]; // seconds between attempts while the server is away
const JSON_FIRST = 'application/json, */*;q=0.5'; // what goes wrong is told as JSON, in the server's words
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What the server says went wrong, in its own words where it has any. */
export async function sentenceOf(answer) {
  try {
    const told = await answer.clone().json();
    return told.sentence ?? told.message ?? told.error?.sentence ?? t('The server answered {status}.', { status: answer.status });
  } catch {
    return t('The server answered {status}.', { status: answer.status });
  }
}

export class DraftFile {
  /** place: { url, csrf, type }; told: { state(name, facts), conflict(facts), saved() }. */
  constructor(place, told) {
    Object.assign(this, place);
    this.told = told;
    this.kept = `studio:${place.url}`;
    this.revision = null;
    this.touched = false;
    this.waiting = null; // the text that is not on the server yet
    this.failures = 0;
    this.sending = null;
    addEventListener('online', () => this.flush());
    addEventListener('pagehide', () => this.keep());
    addEventListener('beforeunload', (event) => {
      if (!this.dirty) return;
      this.keep();
      event.preventDefault();
    });
  }

  /** The text of the server; what a browser kept from another visit is in `found`, or null. Throws the server's words. */
  async read() {
    const answer = await fetch(this.url, { credentials: 'same-origin', cache: 'no-store', headers: { Accept: JSON_FIRST } });
    if (!answer.ok || answer.redirected) throw new Error(await sentenceOf(answer));
    this.revision = answer.headers.get('ETag');
    const text = await answer.text();
    const found = this.stored();
    if (found && found.text === text) this.forget();
    return { text, found: found && found.text !== text ? found : null };
  }

  /** Whether there is something that the server does not have. */
  get dirty() {
    return this.touched || this.waiting !== null;
  }

  /** Something has changed; the text follows with `change`, once the editor has written it. */
  touch() {
    this.touched = true;
    this.told.state('waiting');
  }

  /** The file is now `text`; it is sent when the person pauses. */
  change(text) {
    this.touched = false;
    this.waiting = text;
    this.told.state('waiting');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), QUIET);
  }

  /** Sends what waits. One request at a time: each carries the revision of the one before. */
  async flush() {
    clearTimeout(this.timer);
    if (this.sending) await this.sending;
    if (this.waiting === null || this.stopped) return;
    this.sending = this.send(this.waiting).finally(() => { this.sending = null; });
    await this.sending;
    if (this.waiting !== null && !this.failures && !this.stopped) await this.flush();
  }

  async send(text) {
    this.told.state('saving');
    let answer;
    try {
      answer = await fetch(this.url, {
        method: 'PUT',
        credentials: 'same-origin',
        headers: { Accept: JSON_FIRST, 'Content-Type': this.type, 'If-Match': this.revision ?? '*', 'X-CSRFToken': this.csrf },
        body: text,
      });
    } catch {
      this.postpone(t('No connection.'));
      return;
    }
    if (answer.status === 409 || answer.status === 412) {
      this.stopped = true;
      this.keep();
      this.told.state('conflict');
      this.told.conflict(await answer.json().catch(() => ({})));
    } else if (answer.ok && !answer.redirected) {
      this.settle(answer.headers.get('ETag') ?? this.revision, text);
    } else if (AGAIN.has(answer.status)) {
      this.postpone(await sentenceOf(answer));
    } else {
      this.keep();
      this.failures += 1;
      const lost = answer.redirected || answer.status === 401;
      this.told.state('refused', { reason: lost ? t('You are no longer logged in.') : await sentenceOf(answer) });
    }
  }

  settle(revision, text) {
    this.revision = revision;
    this.failures = 0;
    if (this.waiting === text) this.waiting = null;
    if (this.waiting === null) this.forget();
    this.told.state(this.dirty ? 'waiting' : 'saved');
    this.told.saved?.();
  }

  /** Keeps the text here and tries again later. */
  postpone(reason) {
    this.keep();
    const pause = TRIES[Math.min(this.failures, TRIES.length - 1)];
    this.failures += 1;
    this.told.state('failed', { reason });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause * 1000);
  }

  /** After a conflict: what is here goes over what somebody else saved, of which the person has been told. */
  async overwrite(revision) {
    this.stopped = false;
    this.revision = revision ?? '*';
    await this.flush();
  }

  /** After a conflict: the server's text counts. */
  async takeTheirs() {
    this.stopped = false;
    this.touched = false;
    this.waiting = null;
    this.failures = 0;
    this.forget();
    const { text } = await this.read();
    this.told.state('saved');
    return text;
  }

  // What this browser keeps -----------------------------------------------------------------------------------------

  stored() {
    try {
      return JSON.parse(localStorage.getItem(this.kept) ?? 'null');
    } catch {
      return null;
    }
  }

  keep() {
    if (this.waiting === null) return;
    const kept = { text: this.waiting, revision: this.revision, at: new Date().toISOString() };
    try {
      localStorage.setItem(this.kept, JSON.stringify(kept));
    } catch { /* a full or forbidden store: the page still holds the text */ }
  }

  forget() {
    try {
      localStorage.removeItem(this.kept);
    } catch { /* as above */ }
  }
}
