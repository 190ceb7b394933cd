// The words of the studio. Sources are English, as in the editors that are built in; the Chinese stands in zh/.
//
// `t` says a text in the language of the page. What has no Chinese yet is kept in `missing`: a test reads it. Some of
// the editors offer no way to translate what they write: `retell` then goes over their nodes after them.

import editors from './zh/editors.js';
import forms from './zh/forms.js';
import house from './zh/house.js';
import panel from './zh/panel.js';
import simulation from './zh/simulation.js';
import tables from './zh/tables.js';

export const chinese = !document.documentElement.lang.startsWith('en');

const dictionary = { ...editors, ...panel, ...simulation, ...tables, ...forms, ...house };

/** "Sub Process" and "Sub-process" are one: the panel writes kinds of elements otherwise than the menus. */
const plain = (text) => text.toLowerCase().replaceAll('-', ' ');
const folded = new Map(Object.entries(dictionary).map(([text, said]) => [plain(text), said]));
const lookUp = (text) => (Object.hasOwn(dictionary, text) ? dictionary[text] : folded.get(plain(text)));

/** What form-js and the panel write with a number or a name in it already: a whole text that reads like a pattern of its words. */
const patterns = Object.entries({ ...panel, ...forms }).filter(([text]) => text.includes('{')).map(([text, said]) => {
  const names = [...text.matchAll(/{(\w+)}/g)].map(([, name]) => name);
  const spelled = text.split(/{\w+}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)');
  return [new RegExp(`^${spelled}$`), (found) => names.reduce((told, name, at) => told.replace(`{${name}}`, lookUp(found[at + 1]) ?? found[at + 1]), said)];
});

/** The Chinese of a text that an editor has written, nothing where there is none. */
function chineseOf(text) {
  const said = lookUp(text);
  if (said !== undefined || !/[A-Za-z]{2}/.test(text)) return said;
  for (const [pattern, put] of patterns) {
    const found = pattern.exec(text);
    if (found) return put(found);
  }
  return undefined;
}

/** English texts that were asked for and have no Chinese. */
export const missing = new Set();

/** A text in the language of the page; {name} in it stands for a value of `facts`. */
export function t(text, facts = {}) {
  let said = text;
  if (chinese && /[A-Za-z]{2}/.test(text)) {
    said = lookUp(text);
    if (said === undefined) missing.add(text);
  }
  return (said ?? text).replace(/{([^}]+)}/g, (whole, name) => (name in facts ? facts[name] : whole));
}

/** For the injector of diagram-js: everything that asks for `translate` gets ours. */
export const wordsModule = { translate: ['value', t] };

const ATTRIBUTES = ['title', 'placeholder', 'aria-label', 'data-placeholder'];

function retold(node) {
  const text = node.nodeValue;
  const bare = text.trim();
  const said = bare && chineseOf(bare);
  if (said) node.nodeValue = text.replace(bare, said);
}

function retellIn(part, spared) {
  if (part.nodeType === Node.TEXT_NODE) {
    if (!part.parentElement?.closest(spared)) retold(part);
    return;
  }
  if (part.nodeType !== Node.ELEMENT_NODE) return;
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement.closest(spared)) retold(node);
      continue;
    }
    for (const name of ATTRIBUTES) {
      const said = chineseOf(node.getAttribute(name) ?? '');
      if (said && said !== node.getAttribute(name)) node.setAttribute(name, said);
    }
  }
}

/** Puts into Chinese what an editor without translation writes below `root`; `spared`: where a person's own texts are. */
export function retell(root, spared = 'textarea, [contenteditable="true"], .cm-editor') {
  if (!chinese) return;
  retellIn(root, spared);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'childList') addedNodes.forEach((node) => retellIn(node, spared));
      else retellIn(target, spared);
    }
  }).observe(root, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
}
