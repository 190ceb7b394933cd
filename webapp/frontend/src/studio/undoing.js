// Undo and redo by the cell: dmn-js makes a step of every letter that is typed into one.

const TYPED = 'element.updateProperties';

/** What was typed into one cell in one go becomes one step. */
export function byTheCell(viewer) {
  const stack = viewer.get('commandStack');
  const visits = new WeakMap(); // who leaves a cell and comes back begins another step
  let visit = 0;
  const left = () => { visit += 1; };
  document.addEventListener('pointerdown', left, true);
  document.addEventListener('focusin', left, true);
  viewer.on('commandStack.changed', ({ trigger }) => {
    const last = trigger === 'execute' && stack._getUndoAction();
    if (last) visits.set(last.context, visit);
  });
  const keys = ({ context }) => Object.keys(context.properties).join();
  const together = (one, next) => one?.command === TYPED && next?.command === TYPED && one.context.element === next.context.element
    && keys(one) === keys(next) && visits.get(one.context) === visits.get(next.context);
  for (const [way, following] of [['undo', '_getUndoAction'], ['redo', '_getRedoAction']]) {
    const once = stack[way];
    stack[way] = () => {
      let action;
      do {
        action = stack[following]();
        once.call(stack);
      } while (together(action, stack[following]()));
    };
  }
}
