// Fields that are asked for on a condition: shown and hidden as one types. The server decides by the same rules
// (workflows/forms/conditions.py) whatever the page shows; without script every field stays in sight.

import htmx from 'htmx.org';

const ORDERS = {
  '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
};

/** What a field holds: null, a text, true or false, or the ticked values of a list. */
function value(form, name) {
  const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  if (!fields.length) {
    const held = form.querySelector(`[data-held-name="${CSS.escape(name)}"]`);
    return held ? JSON.parse(held.dataset.held) : null;
  }
  const list = fields[0].type === 'checkbox' && fields[0].closest('fieldset.field-choices') !== null;
  if (fields[0].closest('[data-hide]')?.hidden) return fields[0].type === 'checkbox' && !list ? false : null;
  if (fields[0].type === 'radio') return fields.find((field) => field.checked)?.value ?? null;
  if (fields[0].type === 'checkbox') {
    return list ? fields.filter((field) => field.checked).map((field) => field.value) : fields[0].checked;
  }
  if (fields[0].type === 'file') {
    return fields[0].files.length || form.querySelector(`[name="${CSS.escape(name)}.token"]:checked`) ? 'file' : null;
  }
  const typed = fields[0].value.trim();
  return fields[0].inputMode === 'decimal' && number(typed) === null ? null : typed || null;
}

function number(text) {
  const found = typeof text === 'string' ? text.replaceAll(',', '').replaceAll('，', '').trim() : '';
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(found) ? Number(found) : null;
}

function equal(held, written) {
  if (held === null || held === '' || held.length === 0) return written === null || written === '';
  if (typeof written === 'boolean' || typeof held === 'boolean') return held === written;
  if (typeof written === 'number') return number(held) === written;
  return held === written;
}

/** Whether a condition holds in a form. */
export function holds(form, [sign, ...parts]) {
  if (sign === 'and') return parts.every((part) => holds(form, part));
  if (sign === 'or') return parts.some((part) => holds(form, part));
  if (sign === 'not') return !holds(form, parts[0]);
  const held = value(form, parts[0]);
  if (sign === 'is') return held === true;
  if (sign === 'has') return Array.isArray(held) && held.includes(parts[1]);
  if (sign in ORDERS) {
    const found = number(held);
    return found !== null && ORDERS[sign](found, parts[1]);
  }
  return equal(held, parts[1]) === (sign === '=');
}

/** In the order of the form: what is hidden holds nothing for the conditions behind it. */
function show(form) {
  form.querySelectorAll('[data-hide]').forEach((field) => {
    field.hidden = holds(form, JSON.parse(field.dataset.hide));
  });
}

const forms = (part) => [...part.querySelectorAll('form.answer')].concat(part.matches?.('form.answer') ? [part] : []);

['input', 'change'].forEach((kind) => document.addEventListener(kind, (event) => {
  const form = event.target.closest?.('form.answer');
  if (form) show(form);
}));
htmx.onLoad((part) => forms(part).forEach(show));
forms(document).forEach(show);
