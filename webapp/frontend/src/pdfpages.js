// The pages of a PDF, drawn by pdf.js when they come near the window and forgotten when they are far.
//
// The file is read in a worker, never by the page. Nothing is compiled or evaluated (no WebAssembly, no scripts of the
// file, no forms of Adobe's): the content policy stays as strict as everywhere.

import { GlobalWorkerOptions, TextLayer, getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

const MOST_PIXELS = 12_000_000; // of one page: beyond, phones give up
const SOONER = '900px';
const AT_ONCE = 40; // pages whose sizes are asked for before the first is shown; others are taken to be like the first
const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];

class Pages {
  constructor(place, document_) {
    this.place = place;
    this.pdf = document_;
    this.zoom = ZOOMS.indexOf(1);
    this.sheets = [];
    this.near = new IntersectionObserver((seen) => seen.forEach((one) => this.turn(one)), { rootMargin: SOONER });
  }

  async lay() {
    const first = await this.pdf.getPage(1);
    const usual = first.getViewport({ scale: 1 });
    for (let number = 1; number <= this.pdf.numPages; number += 1) {
      const size = number <= AT_ONCE ? (await this.pdf.getPage(number)).getViewport({ scale: 1 }) : usual;
      const sheet = document.createElement('div');
      sheet.className = 'sheet-page';
      sheet.dataset.page = number;
      sheet.setAttribute('role', 'region');
      sheet.setAttribute('aria-label', this.place.dataset.textPage.replace('{n}', number));
      const pins = document.createElement('div');
      pins.className = 'pins';
      sheet.append(pins);
      this.sheets.push({ sheet, number, width: size.width, height: size.height, drawn: 0, task: null });
    }
    this.place.replaceChildren(...this.sheets.map((one) => one.sheet));
    this.fit();
    this.sheets.forEach((one) => this.near.observe(one.sheet));
    this.place.addEventListener('zoom', (event) => {
      const read = this.sheets.findLast((one) => one.sheet.getBoundingClientRect().top <= window.innerHeight / 2) ?? this.sheets[0];
      const box = read.sheet.getBoundingClientRect();
      const share = (window.innerHeight / 2 - box.top) / box.height; // what stood in the middle of the window stays there
      this.zoom = Math.min(Math.max(this.zoom + event.detail, 0), ZOOMS.length - 1);
      this.fit();
      const now = read.sheet.getBoundingClientRect();
      if (share > 0) window.scrollBy(0, now.top + now.height * share - window.innerHeight / 2);
    });
    new ResizeObserver(() => {
      clearTimeout(this.resized);
      this.resized = setTimeout(() => this.fit(), 150);
    }).observe(this.place);
  }

  /** Gives each page the width of its place, times the zoom, and draws those in sight anew. */
  fit() {
    const room = this.place.clientWidth;
    if (!room || !this.place.isConnected) return;
    for (const one of this.sheets) {
      one.scale = (room / one.width) * ZOOMS[this.zoom];
      one.sheet.style.width = `${Math.floor(one.width * one.scale)}px`;
      one.sheet.style.height = `${Math.floor(one.height * one.scale)}px`;
      if (one.seen) this.draw(one);
    }
  }

  turn(entry) {
    const one = this.sheets[Number(entry.target.dataset.page) - 1];
    one.seen = entry.isIntersecting;
    if (one.seen) this.draw(one);
    else this.forget(one);
  }

  async draw(one) {
    if (one.drawn === one.scale) return;
    one.drawn = one.scale;
    one.task?.cancel();
    const page = await this.pdf.getPage(one.number);
    const viewport = page.getViewport({ scale: one.scale });
    const sharp = Math.min(window.devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (viewport.width * viewport.height)));
    const canvas = document.createElement('canvas');
    canvas.width = Math.floor(viewport.width * sharp);
    canvas.height = Math.floor(viewport.height * sharp);
    canvas.setAttribute('aria-hidden', 'true');
    one.task = page.render({ canvas, viewport, transform: [sharp, 0, 0, sharp, 0, 0] });
    try {
      await one.task.promise;
    } catch (error) {
      if (error?.name === 'RenderingCancelledException') return;
      throw error;
    }
    if (one.drawn !== viewport.scale || !one.seen) return;
    const words = document.createElement('div');
    words.className = 'words';
    words.style.setProperty('--total-scale-factor', viewport.scale);
    one.sheet.querySelectorAll('canvas, .words').forEach((old) => old.remove());
    one.sheet.prepend(canvas, words);
    one.sheet.dataset.drawn = '1';
    await new TextLayer({ textContentSource: page.streamTextContent(), container: words, viewport }).render();
  }

  forget(one) {
    one.task?.cancel();
    one.drawn = 0;
    one.sheet.querySelectorAll('canvas, .words').forEach((old) => old.remove());
    delete one.sheet.dataset.drawn;
  }
}

function say(place, text) {
  const line = document.createElement('p');
  line.className = 'pages-wait';
  line.setAttribute('role', 'status');
  line.textContent = text;
  place.replaceChildren(line);
}

/** Shows the PDF that a place names; gives back how many pages it has, 0 when it can't be shown (the place says why). */
export async function open(place) {
  const { pdf, worker, data } = place.dataset;
  GlobalWorkerOptions.workerSrc = worker;
  const opening = getDocument({
    url: pdf, cMapUrl: `${data}cmaps/`, standardFontDataUrl: `${data}fonts/`, wasmUrl: `${data}decoders/`, useWasm: false,
    enableXfa: false, disableAutoFetch: true, rangeChunkSize: 1 << 22, verbosity: 0,
  });
  try {
    const found = await opening.promise;
    await new Pages(place, found).lay();
    new MutationObserver((_, watch) => {
      if (place.isConnected) return;
      watch.disconnect();
      opening.destroy();
    }).observe(document.body, { childList: true, subtree: true });
    return found.numPages;
  } catch (error) {
    say(place, error?.name === 'PasswordException' ? place.dataset.textLocked : place.dataset.textFailed);
    opening.destroy();
    return 0;
  }
}
