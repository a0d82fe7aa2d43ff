import type { TraceLine } from '../model.ts';
import { copyButton } from './copy.ts';
import { h } from './dom.ts';
import { grouped, ms } from './numbers.ts';

/** Every line of a trace, of which only those in sight are elements: 20,000 scroll like twenty. */
export function rawLines(
  lines: readonly TraceLine[],
  marked: ReadonlySet<number>,
  onSelect: (line: number) => void,
) {
  let shown = lines.map((_, i) => i);
  let selected = -1;
  /** In lower case; made at the first search. */
  let searched: string[] | undefined;
  let timer = 0;
  /** So that times stand one below the other. */
  const timeColumns = Math.max(7, ms(lines.at(-1)?.us ?? 0).length);
  /** What stands in the box now; rows that stay are not made anew. */
  let drawn = new Map<number, HTMLElement>();
  let filledPx = -1;
  const space = h('div', { class: 'space', onclick: onClick });
  const box = h(
    'div',
    {
      class: 'lines',
      tabindex: 0,
      role: 'region',
      'aria-label': 'Lines of the trace',
      onscroll: draw,
      onkeydown: move,
    },
    space,
  );
  const raw = h('div', { class: 'raw' });
  const search = h('input', { type: 'search', placeholder: 'in the lines', oninput: soon });
  const count = h('span', { class: 'muted', role: 'status' });
  filter();
  new ResizeObserver(draw).observe(box);
  return {
    element: h('div', {}, h('p', { class: 'line' }, h('label', {}, 'Search ', search), count), box, raw),
    select,
  };

  /** Who types on does not wait for what the first letters find. */
  function soon(): void {
    clearTimeout(timer);
    timer = window.setTimeout(filter, 120);
  }

  function filter(): void {
    const wanted = search.value.toLowerCase();
    if (wanted !== '') searched ??= lines.map(({ text, raw: json }) => `${text}\n${json}`.toLowerCase());
    shown = lines.flatMap((_, i) => (wanted === '' || searched?.[i]?.includes(wanted) ? [i] : []));
    count.textContent = `${grouped(shown.length)} of ${grouped(lines.length)} lines`;
    draw();
  }

  function draw(): void {
    const px = shown.length * rowPx;
    if (px !== filledPx) space.style.height = `${px}px`;
    filledPx = px;
    const from = Math.max(0, Math.floor(box.scrollTop / rowPx) - spare);
    const to = Math.min(shown.length, from + Math.ceil((box.clientHeight || 300) / rowPx) + 2 * spare);
    const before = drawn;
    drawn = new Map();
    for (let place = from; place < to; place++) {
      const line = shown[place] as number;
      const row = before.get(line) ?? rowOf(line);
      const top = `${place * rowPx}px`;
      if (row.style.top !== top) row.style.top = top;
      row.classList.toggle('selected', line === selected);
      drawn.set(line, row);
      before.delete(line);
    }
    for (const row of before.values()) row.remove();
    // In their order also for who has them read aloud.
    let at = space.firstElementChild;
    for (const row of drawn.values()) {
      if (row === at) at = row.nextElementSibling;
      else space.insertBefore(row, at);
    }
  }

  function rowOf(line: number): HTMLElement {
    const { us, text } = lines[line] as TraceLine;
    return h(
      'div',
      { class: marked.has(line) ? 'row marked' : 'row', 'data-line': line },
      h('span', { class: 'time' }, ms(us).padStart(timeColumns)),
      `${marked.has(line) ? ' ▶ ' : '  '}${text}`,
    );
  }

  function onClick({ target }: Event): void {
    const row = (target as Element).closest<HTMLElement>('.row');
    if (row) choose(Number(row.dataset.line));
  }

  function choose(line: number): void {
    select(line);
    onSelect(line);
  }

  /** Brings a line into sight, and shows it as the trace has it. */
  function select(line: number): void {
    selected = line;
    if (placeOf(line) === -1) {
      search.value = '';
      filter();
    }
    const top = placeOf(line) * rowPx;
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - rowPx)
      box.scrollTop = top - box.clientHeight / 2;
    const json = lines[line]?.raw ?? '';
    raw.replaceChildren(
      copyButton('line', json),
      h('pre', { tabindex: 0, role: 'region', 'aria-label': 'The line as the trace has it' }, json),
    );
    draw();
  }

  /** Of those shown; while nothing is searched it is the line itself. */
  function placeOf(line: number): number {
    return shown.length === lines.length ? line : shown.indexOf(line);
  }

  function move(event: Event): void {
    const { key } = event as KeyboardEvent;
    const by = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = shown[Math.max(0, Math.min(shown.length - 1, placeOf(selected) + by))];
    if (next !== undefined) choose(next);
  }
}

/** As the style has it. */
const rowPx = 22;
/** Rows drawn beyond the edges, so that fast scrolling shows no gap. */
const spare = 8;
