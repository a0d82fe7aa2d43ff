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
  /** Blocks of lines that stand in the box now, by place, one beyond each edge; what stays is not made anew. */
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
    forget(() => true);
    if (wanted !== '') searched ??= lines.map(({ text, raw: json }) => `${text}\n${json}`.toLowerCase());
    shown = lines.flatMap((_, i) => (wanted === '' || searched?.[i]?.includes(wanted) ? [i] : []));
    count.textContent = `${grouped(shown.length)} of ${grouped(lines.length)} lines`;
    draw();
  }

  function draw(): void {
    const px = shown.length * rowPx;
    if (px !== filledPx) space.style.height = `${px}px`;
    filledPx = px;
    const first = Math.max(0, Math.floor(box.scrollTop / blockPx) - 1);
    const inSight = Math.ceil((box.clientHeight || 300) / blockPx) + 1;
    const last = Math.min(Math.ceil(shown.length / blockLines), first + inSight + 2);
    if (drawn.size === last - first && drawn.has(first) && drawn.has(last - 1)) return;
    const before = drawn;
    drawn = new Map();
    for (let place = first; place < last; place++) {
      drawn.set(place, before.get(place) ?? blockOf(place));
      before.delete(place);
    }
    for (const block of before.values()) block.remove();
    // In their order also for who has them read aloud.
    let at = space.firstElementChild;
    for (const block of drawn.values()) {
      if (block === at) at = block.nextElementSibling;
      else space.insertBefore(block, at);
    }
  }

  /** Blocks that are to be made anew when they are next drawn. */
  function forget(isStale: (place: number) => boolean): void {
    for (const [place, block] of drawn)
      if (isStale(place)) {
        block.remove();
        drawn.delete(place);
      }
  }

  /** A few lines as one text, but for those that stand out: with an element for each a frame of scrolling takes half as long again. */
  function blockOf(place: number): HTMLElement {
    const block = h('div', { class: 'block' });
    let plain = '';
    for (const line of shown.slice(place * blockLines, (place + 1) * blockLines)) {
      const { us, text } = lines[line] as TraceLine;
      const words = `${ms(us).padStart(timeColumns)}${marked.has(line) ? ' ▶ ' : '  '}${text}`;
      if (line !== selected && !marked.has(line)) plain += `${words}\n`;
      else {
        const name = `row${marked.has(line) ? ' marked' : ''}${line === selected ? ' selected' : ''}`;
        block.append(plain, h('span', { class: name }, words), '\n');
        plain = '';
      }
    }
    block.append(plain);
    block.style.top = `${place * blockPx}px`;
    return block;
  }

  function onClick(event: Event): void {
    const place = Math.floor(((event as MouseEvent).clientY - space.getBoundingClientRect().top) / rowPx);
    const line = shown[place];
    if (line !== undefined) choose(line);
  }

  function choose(line: number): void {
    select(line);
    onSelect(line);
  }

  /** Brings a line into sight, and shows it as the trace has it. */
  function select(line: number): void {
    const changed = new Set([selected, line]);
    selected = line;
    forget((place) =>
      shown.slice(place * blockLines, (place + 1) * blockLines).some((each) => changed.has(each)),
    );
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

/** As the style has it, both. */
const rowPx = 22;
const blockLines = 8;
const blockPx = blockLines * rowPx;
