// 退回: an earlier step that can't be done again alone leaves only the way on which everything after it is done again.
// Without script the server says so beside the field.

/** Turns 补正后直送 off where the chosen step does not allow it, and shows why. */
function agree(part) {
  const whole = part.dataset.whole.split(' ').filter(Boolean);
  const targets = [...part.closest('form').querySelectorAll('[name=target]')];
  const chosen = targets.find((one) => one.checked);
  const barred = whole.length > 0 && (whole.length === targets.length || whole.includes(chosen?.value));
  const resume = part.querySelector('[name=how][value=resume]');
  resume.disabled = barred;
  if (barred) resume.checked = false;
  const why = part.querySelector('#whole');
  if (!why) return;
  why.hidden = !barred;
  if (barred) resume.setAttribute('aria-describedby', 'whole');
  else resume.removeAttribute('aria-describedby');
}

const all = () => document.querySelectorAll('[data-whole]').forEach(agree);

document.addEventListener('change', (event) => {
  if (event.target.name === 'target') all();
});
window.addEventListener('pageshow', all); // a browser that goes back ticks again what was ticked
