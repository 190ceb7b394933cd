// A form that is being filled in keeps itself as a draft: some seconds after a change, and before one leaves the page.

const PAUSE = 2000;
let timer = 0;
let under = null;
let dirty = false;

const form = () => document.querySelector('#answer[data-keep]');

function tell(text) {
  const line = form()?.querySelector('[data-keeping]');
  if (!line) return;
  line.hidden = false;
  line.textContent = text;
}

/** The fields as they stand, without files that were not sent yet: those are chosen again. */
function fields(of) {
  const data = new FormData(of);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}

/** Keeps what is typed; once it is kept, or nobody answered, one may go on. */
export async function keep() {
  clearTimeout(timer);
  if (under) await under;
  const now = form();
  if (!dirty || !now) return;
  dirty = false;
  tell(now.dataset.textKeeping);
  under = fetch(now.dataset.keep, { method: 'POST', body: fields(now), headers: { 'HX-Request': 'true' }, keepalive: false })
    .then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      const { at } = await answer.json();
      tell(now.dataset.textKept.replace('{at}', at));
    })
    .catch((error) => {
      dirty = true;
      tell(error.message === '401' ? document.body.dataset.textLoggedOut : now.dataset.textNotKept);
    })
    .finally(() => { under = null; });
  await under;
}

/** Whether something was typed that is not kept yet. */
export const unkept = () => Boolean(form()) && (dirty || under !== null);

function changed() {
  if (!form()) return;
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
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
  if (document.visibilityState !== 'hidden' || !dirty || !now) return;
  const body = new URLSearchParams(fields(now));
  if (String(body).length > 60_000) return;
  dirty = false;
  fetch(now.dataset.keep, { method: 'POST', body, headers: { 'HX-Request': 'true' }, keepalive: true }).catch(() => { dirty = true; });
});
if (form()?.hasAttribute('data-unkept')) changed();
