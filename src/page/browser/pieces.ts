/**
 * Long lists: what fills the screen is there at once, the rest as soon as the browser has nothing else to do, so that all
 * of it can be scrolled to and found, and in any case before it is printed. `rowOf` has one row for each item.
 */
export function inPieces<T>(list: HTMLElement, rowOf: (item: T) => HTMLElement) {
  let items: readonly T[] = [];
  let attached = new Map<T, HTMLElement>();
  let isMeant: (item: T) => boolean = () => true;
  let isWaiting = false;
  window.addEventListener('beforeprint', () => fill(() => false));
  return { show, filter };

  /** Other items, or in another order. Rows that stay are not touched, nor is what has the focus. */
  function show(wanted: readonly T[], meant: (item: T) => boolean): number {
    const before = attached;
    items = wanted;
    attached = new Map(items.filter((item) => before.has(item)).map((item) => [item, rowOf(item)]));
    for (const [item, row] of before) if (!attached.has(item)) row.remove();
    let place = list.firstElementChild;
    for (const row of attached.values()) {
      if (row === place) place = row.nextElementSibling;
      else list.insertBefore(row, place);
    }
    return filter(meant);
  }

  /** Hides what is not meant, and says how many are: rows that do not change are not laid out anew. */
  function filter(meant: (item: T) => boolean): number {
    isMeant = meant;
    let count = 0;
    for (const [i, item] of items.entries()) {
      const isShown = meant(item);
      if (isShown) count++;
      const row = attached.get(item);
      if (row && row.hidden === isShown) row.hidden = !isShown;
      // What fills the screen does not wait for its turn.
      if (!row && isShown && count <= screenRows) attach(item, i);
    }
    fillWhenIdle();
    return count;
  }

  function fillWhenIdle(): void {
    if (isWaiting || attached.size === items.length) return;
    isWaiting = true;
    whenIdle((isOver) => {
      isWaiting = false;
      fill(isOver);
      fillWhenIdle();
    });
  }

  function fill(isOver: () => boolean): void {
    for (const [i, item] of items.entries()) {
      if (attached.has(item)) continue;
      attach(item, i).classList.add('later');
      if (isOver()) return;
    }
  }

  function attach(item: T, place: number): HTMLElement {
    const row = rowOf(item);
    row.hidden = !isMeant(item);
    let before = place - 1;
    while (before >= 0 && !attached.has(items[before] as T)) before--;
    const previous = attached.get(items[before] as T);
    if (previous) previous.after(row);
    else list.prepend(row);
    attached.set(item, row);
    return row;
  }
}

/** Calls `act` when nothing else is to be done, and tells it when its time is over. */
function whenIdle(act: (isOver: () => boolean) => void): void {
  if ('requestIdleCallback' in window)
    requestIdleCallback((idle) => act(() => idle.timeRemaining() < 2), { timeout: 1000 });
  else
    setTimeout(() => {
      const endMs = performance.now() + 8;
      act(() => performance.now() > endMs);
    }, 50);
}

/** A screen, and what is below its edge. */
const screenRows = 10;
