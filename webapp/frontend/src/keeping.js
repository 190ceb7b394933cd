// A form that is being filled in keeps itself as a draft: some seconds after a change, and before one leaves the page.

const PAUSE = 2000;
let timer = 0;
let under = null;
let dirty = false;
let asked = false; // another window's draft stands: nothing is sent until it is said which of both is to stay

const form = () => document.querySelector('#answer[data-keep]');

function tell(text) {
  const line = form()?.querySelector('[data-keeping]');
  if (!line) return;
  line.hidden = false;
  line.textContent = text;
}

/** Another window has kept something else: which of both is to stay is asked, and nothing is written over unasked. */
function ask(now, sentence) {
  asked = true;
  dirty = true;
  tell(sentence);
  const line = now.querySelector('[data-keeping]');
  const button = (text, act) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn btn-sm';
    made.textContent = text;
    made.addEventListener('click', act);
    line.append(' ', made);
  };
  button(now.dataset.textTakeOver, () => { now.elements.draft_seen.value = '*'; asked = false; keep(); });
  button(now.dataset.textLoadOther, () => { dirty = false; clearTimeout(timer); window.location.assign(now.dataset.again); });
}

/** What became of keeping: when, or why not. */
async function settle(now, answer) {
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) {
    now.elements.draft_seen.value = said.seen;
    tell(now.dataset.textKept.replace('{at}', said.at));
    return true;
  }
  dirty = true;
  if (said.code === 'task.draft_elsewhere') ask(now, said.sentence);
  else if (answer.status === 401) tell(document.body.dataset.textLoggedOut);
  else tell([409, 422].includes(answer.status) && said.sentence ? said.sentence : now.dataset.textNotKept);
  return said.code !== 'task.draft_elsewhere';
}

const HEADERS = { 'HX-Request': 'true', Accept: 'application/json' };

/** The fields as they stand, without files that were not sent yet: those are chosen again. */
function fields(of) {
  const data = new FormData(of);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}

/** Keeps what is typed; once it is kept, or nobody answered, one may go on: false while another window's draft stands. */
export async function keep() {
  clearTimeout(timer);
  if (under) await under;
  const now = form();
  if (!dirty || !now) return true;
  if (asked) {
    now.querySelector('[data-keeping] button')?.focus();
    return false;
  }
  dirty = false;
  tell(now.dataset.textKeeping);
  return send(now, fields(now));
}

async function send(now, body, keepalive = false) {
  under = fetch(now.dataset.keep, { method: 'POST', body, headers: HEADERS, keepalive })
    .then((answer) => settle(now, answer))
    .catch(() => { dirty = true; tell(now.dataset.textNotKept); return true; })
    .finally(() => { under = null; });
  return under;
}

/** Whether something was typed that is not kept yet. */
export const unkept = () => Boolean(form()) && (dirty || under !== null);

function changed() {
  if (!form()) return;
  dirty = true;
  clearTimeout(timer);
  if (!asked) timer = setTimeout(keep, PAUSE);
}

for (const kind of ['input', 'change']) {
  document.addEventListener(kind, (event) => {
    const field = event.target;
    if (field.form !== form() || !field.name || field.type === 'file') return;
    changed();
  });
}
document.addEventListener('htmx:afterSwap', (event) => {
  if (event.target.id === 'answer' || event.detail.target?.id === 'answer') changed(); // a row more or less
});
// What is sent is sent: nothing is kept behind its back.
document.addEventListener('submit', (event) => {
  if (event.target !== form()) return;
  clearTimeout(timer);
  dirty = false;
});
// A tab that is closed or put away on a phone gives no time: what is small enough is sent along with it.
document.addEventListener('visibilitychange', () => {
  const now = form();
  if (document.visibilityState !== 'hidden' || !dirty || asked || !now) return;
  const body = new URLSearchParams(fields(now));
  if (String(body).length > 60_000) return;
  dirty = false;
  send(now, body, true);
});
if (form()?.dataset.elsewhere) ask(form(), form().dataset.elsewhere);
else if (form()?.hasAttribute('data-unkept')) changed();
