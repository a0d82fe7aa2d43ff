/**
 * Long lists: what fills the screen is there at once, the rest as soon as the browser has nothing else to do, so that all
 * of it can be scrolled to and found, and in any case before it is printed. `rowOf` has one row for each item.
 *
 * Rows stand in groups. Those below the screen are laid out when they come into sight, and let go of at once: row by row
 * a key of a search took twenty milliseconds for that alone.
 */
export function inPieces<T>(list: HTMLElement, rowOf: (item: T) => HTMLElement) {
  let items: readonly T[] = [];
  let shown = 0;
  let isWaiting = false;
  /** Rows that are made and not yet in the list. */
  let made: HTMLElement[] = [];
  const screen = groupOf([]);
  list.append(screen);
  window.addEventListener('beforeprint', () => {
    while (made.length + shown < items.length) make();
    append();
  });
  return {
    /** Another list, from its beginning. */
    show(wanted: readonly T[]): void {
      while (list.lastChild && list.lastChild !== screen) list.lastChild.remove();
      replace(wanted, screenRows);
    },
    /** The list has changed: as many as were shown. */
    update(wanted: readonly T[]): void {
      replace(wanted, Math.max(shown, screenRows));
    },
  };

  function replace(wanted: readonly T[], count: number): void {
    items = wanted;
    shown = Math.min(items.length, count);
    made = [];
    placeRows(list, items.slice(0, shown).map(rowOf));
    fillWhenIdle();
  }

  function fillWhenIdle(): void {
    if (isWaiting || shown === items.length) return;
    isWaiting = true;
    whenIdle((isOver) => {
      isWaiting = false;
      do make();
      while (made.length < groupRows && made.length + shown < items.length && !isOver());
      if (made.length >= groupRows || made.length + shown >= items.length) append();
      fillWhenIdle();
    });
  }

  function make(): void {
    const item = items[shown + made.length];
    if (item !== undefined) made.push(rowOf(item));
  }

  function append(): void {
    if (made.length === 0) return;
    const group = groupOf(made);
    group.classList.add('later');
    group.style.containIntrinsicSize = `auto ${made.length * rowRem}rem`;
    list.append(group);
    shown += made.length;
    made = [];
  }
}

/** Rows that stay are not touched, nor is what has the focus: they need not be laid out again. */
function placeRows(list: HTMLElement, rows: readonly HTMLElement[]): void {
  const kept = new Set<Element>(rows);
  for (const group of [...list.children]) {
    for (const row of [...group.children]) if (!kept.has(row)) row.remove();
    if (group !== list.firstElementChild && group.childElementCount === 0) group.remove();
  }
  let group = list.firstElementChild;
  let place = group?.firstElementChild ?? null;
  for (const row of rows) {
    while (!place && group?.nextElementSibling) {
      group = group.nextElementSibling;
      place = group.firstElementChild;
    }
    if (row === place) place = place.nextElementSibling;
    else group?.insertBefore(row, place);
  }
}

/** Nothing to those who have the list read aloud. */
function groupOf(rows: readonly HTMLElement[]): HTMLElement {
  const group = document.createElement('div');
  group.setAttribute('role', 'presentation');
  group.append(...rows);
  return group;
}

/** Calls `act` when nothing else is to be done, and tells it when its time is over. */
function whenIdle(act: (isOver: () => boolean) => void): void {
  const within = (ms: number): (() => boolean) => {
    const endMs = performance.now() + ms;
    return () => performance.now() > endMs;
  };
  if ('requestIdleCallback' in window) requestIdleCallback(() => act(within(sliceMs)), { timeout: 1000 });
  else setTimeout(() => act(within(sliceMs)), 50);
}

/** A screen, and what is below its edge. */
const screenRows = 10;
/** Laid out together: few enough for one picture of a slow machine. */
const groupRows = 10;
/** About a row's height. */
const rowRem = 6.2;
/** Who presses a key meanwhile waits no longer than this. */
const sliceMs = 6;
