// Whoever goes elsewhere by a link or a button of the page has their draft kept first.

import { keep, unkept } from './keeping.js';

export function follow() {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const elsewhere = !link.target && !link.hasAttribute('hx-get') && !link.hasAttribute('data-goto') && !link.getAttribute('href').startsWith('#');
    if (!elsewhere || !unkept()) return;
    event.preventDefault();
    keep().then((free) => { if (free) window.location.href = link.href; });
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.id === 'answer' || form.hasAttribute('hx-post') || !unkept()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    keep().then((free) => { if (free) form.requestSubmit(button); });
  }, true);
}
