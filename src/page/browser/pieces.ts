import { whenIdle } from './idle.ts';

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
  /** Which list is being filled: an older one is not filled any more. */
  let turn = 0;
  /** Rows that are made and not yet in the list. */
  let made: HTMLElement[] = [];
  const screen = groupOf([]);
  let rest = groupOf([]);
  list.append(screen, rest);
  window.addEventListener('beforeprint', () => {
    while (made.length + shown < items.length) make();
    append();
  });
  return {
    /** Another list, from its beginning. */
    show(wanted: readonly T[]): void {
      // First, while the page stands still.
      const count = rowsInSight(list);
      leave(rest);
      rest = groupOf([]);
      list.append(rest);
      replace(wanted, count, calmMs);
    },
    /** The list has changed: as many as were shown. */
    update(wanted: readonly T[]): void {
      replace(wanted, Math.max(shown, rowsInSight(list)), 0);
    },
  };

  function replace(wanted: readonly T[], count: number, afterMs: number): void {
    items = wanted;
    shown = Math.min(items.length, count);
    made = [];
    placeRows([screen, ...rest.children], items.slice(0, shown).map(rowOf));
    turn++;
    fillWhenIdle(turn, turn === 1 ? 0 : afterMs);
  }

  function fillWhenIdle(mine: number, afterMs: number): void {
    if (shown === items.length) return;
    whenIdle(afterMs, (isOver) => {
      if (mine !== turn) return;
      do make();
      while (made.length < groupRows && made.length + shown < items.length && !isOver());
      if (made.length >= groupRows || made.length + shown >= items.length) append();
      fillWhenIdle(mine, 0);
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
    rest.append(group);
    shown += made.length;
    made = [];
  }
}

/** Out of sight at once, and taken apart when there is time for it: of hundreds of rows that takes longer than a picture. */
function leave(groups: HTMLElement): void {
  groups.hidden = true;
  whenIdle(calmMs, function go(isOver) {
    do groups.firstElementChild?.remove();
    while (groups.firstElementChild && !isOver());
    if (groups.firstElementChild) whenIdle(0, go);
    else groups.remove();
  });
}

/** Rows that stay are not touched, nor is what has the focus: they need not be laid out again. */
function placeRows(groups: readonly Element[], rows: readonly HTMLElement[]): void {
  const kept = new Set<Element>(rows);
  const [first, ...later] = groups;
  for (const group of groups) for (const row of [...group.children]) if (!kept.has(row)) row.remove();
  for (const group of later) if (group.childElementCount === 0) group.remove();
  const left = [first, ...later].filter((group) => group === first || group?.isConnected);
  let group = left.shift();
  let place = group?.firstElementChild ?? null;
  for (const row of rows) {
    while (!place && left.length > 0) {
      group = left.shift();
      place = group?.firstElementChild ?? null;
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

/** So many fill the window below the list's beginning, and one more. */
function rowsInSight(list: HTMLElement): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const leftPx = window.innerHeight - list.getBoundingClientRect().top;
  return Math.max(1, Math.ceil(leftPx / (rowRem * rem)) + 1);
}

/** Laid out together: few enough for one picture of a slow machine. */
const groupRows = 5;
/** About a row's height. */
const rowRem = 6.2;
/** After a key of a search: whoever types presses the next one sooner, and does not wait for rows that nobody sees. */
const calmMs = 400;
