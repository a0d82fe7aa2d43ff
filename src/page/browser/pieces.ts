/**
 * Long lists: what fills the screen is there at once, the rest as soon as the browser has nothing else to do, so that all
 * of it can be scrolled to and found, and in any case before it is printed. `rowOf` has one row for each item.
 */
export function inPieces<T>(list: HTMLElement, rowOf: (item: T) => HTMLElement) {
  let items: readonly T[] = [];
  let shown = 0;
  let isWaiting = false;
  window.addEventListener('beforeprint', () => fill(() => false));
  return {
    /** Another list, from its beginning. */
    show(wanted: readonly T[]): void {
      replace(wanted, screenRows);
    },
    /** The list has changed: as many as were shown. */
    update(wanted: readonly T[]): void {
      replace(wanted, Math.max(shown, screenRows));
    },
  };

  /** Rows that stay are not touched, nor is what has the focus: they need not be laid out again. */
  function replace(wanted: readonly T[], count: number): void {
    items = wanted;
    shown = Math.min(items.length, count);
    const rows = items.slice(0, shown).map(rowOf);
    const kept = new Set<Element>(rows);
    const gone = [...list.children].filter((row) => !kept.has(row));
    // Of many the browser lets go faster at once.
    if (gone.length > 4 * rows.length) list.replaceChildren();
    else for (const row of gone) row.remove();
    let place = list.firstElementChild;
    for (const row of rows) {
      if (row === place) place = place.nextElementSibling;
      else list.insertBefore(row, place);
    }
    fillWhenIdle();
  }

  function fillWhenIdle(): void {
    if (isWaiting || shown === items.length) return;
    isWaiting = true;
    whenIdle((isOver) => {
      isWaiting = false;
      fill(isOver);
      fillWhenIdle();
    });
  }

  function fill(isOver: () => boolean): void {
    const rows: HTMLElement[] = [];
    while (shown < items.length && (rows.length === 0 || !isOver())) {
      const row = rowOf(items[shown++] as T);
      row.classList.add('later');
      rows.push(row);
    }
    list.append(...rows);
  }
}

/** Calls `act` when nothing else is to be done, and tells it when its time is over. */
function whenIdle(act: (isOver: () => boolean) => void): void {
  if ('requestIdleCallback' in window)
    requestIdleCallback((idle) => act(() => idle.timeRemaining() < leftMs), { timeout: 1000 });
  else
    setTimeout(() => {
      const endMs = performance.now() + 8;
      act(() => performance.now() > endMs);
    }, 50);
}

/** A screen, and what is below its edge. */
const screenRows = 10;
/** Of an idle time, for laying out what was added. */
const leftMs = 5;
