/**
 * Long lists, a piece at a time: what fills the screen is there at once, the rest as the reader comes near its end, and
 * all of it before it is printed.
 */
export function inPieces<T>(list: HTMLElement, rowOf: (item: T) => HTMLElement) {
  let items: readonly T[] = [];
  let shown = 0;
  const end = document.createElement('li');
  end.className = 'piece-end';
  end.setAttribute('aria-hidden', 'true');
  // Two screens ahead: who scrolls sees no gap.
  const near = new IntersectionObserver(
    (seen) => seen.some((each) => each.isIntersecting) && more(pieceRows),
    {
      rootMargin: '200% 0px',
    },
  );
  window.addEventListener('beforeprint', () => more(items.length));
  return {
    /** Another list, from its beginning. */
    show(wanted: readonly T[]): void {
      replace(wanted, firstRows);
    },
    /** The list has changed: as many as were shown. */
    update(wanted: readonly T[]): void {
      replace(wanted, Math.max(shown, firstRows));
    },
  };

  /** Rows that stay are not touched, nor is what has the focus: they need not be laid out again. */
  function replace(wanted: readonly T[], count: number): void {
    items = wanted;
    end.remove();
    shown = Math.min(items.length, count);
    const rows = items.slice(0, shown).map(rowOf);
    const kept = new Set<Element>(rows);
    for (const row of [...list.children]) if (!kept.has(row)) row.remove();
    let place = list.firstElementChild;
    for (const row of rows) {
      if (row === place) place = place.nextElementSibling;
      else list.insertBefore(row, place);
    }
    more(0);
  }

  function more(count: number): void {
    near.disconnect();
    const from = shown;
    shown = Math.min(items.length, shown + count);
    end.remove();
    list.append(...items.slice(from, shown).map(rowOf));
    if (shown === items.length) return;
    list.append(end);
    near.observe(end);
  }
}

/** A screen, and what is below its edge. */
const firstRows = 12;
const pieceRows = 24;
