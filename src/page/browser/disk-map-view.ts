import type { DiskMap, MapRun } from '../model.ts';
import { h, svg } from './dom.ts';
import { grouped } from './numbers.ts';

/** What each range of a disk should hold above what it holds, to be zoomed in to single bytes. */
export function diskMapView(map: DiskMap): HTMLElement {
  const view = { from: 0, to: Math.max(1, map.sizeBytes) };
  const picture = svg('svg', {
    class: 'disk',
    tabindex: 0,
    role: 'img',
    'aria-label': `${map.of}: what should be there, and what is. Plus and minus zoom, arrow keys move.`,
  });
  const said = h('p', { class: 'readout', role: 'status' }, rangeWords(view));
  picture.addEventListener('keydown', (event) => onKey(event as KeyboardEvent));
  new ResizeObserver(draw).observe(picture);
  const [first] = map.wrong;
  const frame = h(
    'div',
    {},
    h('p', { class: 'muted' }, map.of, map.isPart ? '. Only what is known of it is drawn.' : ''),
    h(
      'p',
      { class: 'line controls' },
      button('Whole disk', () => go(0, map.sizeBytes)),
      button('−', () => zoom(2), 'Zoom out of the disk'),
      button('+', () => zoom(0.5), 'Zoom into the disk'),
      first && button('First wrong byte', () => go(first.offsetBytes - 16, first.offsetBytes + 16)),
    ),
    picture,
    said,
    h(
      'p',
      { class: 'legend' },
      ...(['initial', 'write', 'zero', 'other'] as const).map((tone) =>
        h('span', {}, h('i', { class: `swatch map-${tone}` }), toneWords[tone]),
      ),
      h('span', {}, h('i', { class: 'swatch wrong' }), 'not what is due'),
    ),
    h(
      'ul',
      {},
      ...map.wrong.map(({ offsetBytes, lengthBytes, words }) =>
        h(
          'li',
          {},
          button(
            'Show',
            () =>
              go(
                offsetBytes - Math.max(4, lengthBytes / 8),
                offsetBytes + lengthBytes + Math.max(4, lengthBytes / 8),
              ),
            `Show bytes ${offsetBytes} to ${offsetBytes + lengthBytes - 1}`,
          ),
          ' ',
          words,
        ),
      ),
      map.more > 0 &&
        h('li', { class: 'muted' }, `And ${map.more} more ranges, which the finding does not list.`),
    ),
  );
  return frame;

  function go(from: number, to: number): void {
    const span = Math.max(leastBytes, Math.min(map.sizeBytes, to - from));
    view.from = Math.max(0, Math.min(from, map.sizeBytes - span));
    view.to = view.from + span;
    said.textContent = rangeWords(view);
    draw();
  }

  function zoom(by: number): void {
    const middle = (view.from + view.to) / 2;
    const half = ((view.to - view.from) / 2) * by;
    go(middle - half, middle + half);
  }

  function onKey(event: KeyboardEvent): void {
    const span = view.to - view.from;
    const keys: Record<string, () => void> = {
      '+': () => zoom(0.5),
      '=': () => zoom(0.5),
      '-': () => zoom(2),
      '0': () => go(0, map.sizeBytes),
      ArrowLeft: () => go(view.from - span / 5, view.to - span / 5),
      ArrowRight: () => go(view.from + span / 5, view.to + span / 5),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  function draw(): void {
    const width = picture.clientWidth || 600;
    const perByte = width / (view.to - view.from);
    const x = (byte: number): number => (byte - view.from) * perByte;
    const spaces = width < 480 ? 2 : 4;
    const ticks = Array.from({ length: spaces + 1 }, (_, i) =>
      Math.round(view.from + ((view.to - view.from) * i) / spaces),
    );
    picture.setAttribute('viewBox', `0 0 ${width} 128`);
    picture.replaceChildren(
      svg('text', { x: 0, y: 12, class: 'name' }, 'due'),
      ...row(map.due, 18, x, width),
      svg('text', { x: 0, y: 68, class: 'name' }, 'holds'),
      ...row(map.holds, 74, x, width),
      // Where single bytes can be told, they are.
      ...(perByte >= 8
        ? Array.from({ length: Math.ceil(view.to) - Math.floor(view.from) }, (_, i) =>
            svg('rect', { x: x(Math.floor(view.from) + i), y: 18, width: 1, height: 88, class: 'tick' }),
          )
        : []),
      ...ticks.map((byte, i) =>
        svg(
          'text',
          {
            x: (width * i) / spaces,
            y: 122,
            class: 'axis',
            'text-anchor': i === 0 ? 'start' : i === spaces ? 'end' : 'middle',
          },
          grouped(byte),
        ),
      ),
    );
  }

  function row(runs: readonly MapRun[], y: number, x: (byte: number) => number, width: number): SVGElement[] {
    let drawnTo = -1;
    return runs.flatMap((run) => {
      const from = Math.max(0, x(run.offsetBytes));
      const to = Math.min(width, x(run.offsetBytes + run.lengthBytes));
      if (to < 0 || from > width || to < from) return [];
      // Of many runs on one pixel one is drawn, unless it is wrong.
      if (to - from < 0.5 && Math.floor(from) === drawnTo && !run.isWrong) return [];
      drawnTo = Math.floor(from);
      const wide = Math.max(run.isWrong ? 3 : 1, to - from);
      return [
        svg(
          'rect',
          { x: from, y, width: wide, height: 32, class: `map-${run.tone}${run.isWrong ? ' wrong' : ''}` },
          svg('title', {}, `${run.offsetBytes}+${run.lengthBytes}: ${run.text}`),
        ),
        ...(wide > 60
          ? [
              svg(
                'text',
                { x: from + 5, y: y + 20, class: `on-map-${run.tone}` },
                run.text.slice(0, Math.floor(wide / 8)),
              ),
            ]
          : []),
      ];
    });
  }
}

const leastBytes = 8;
const toneWords = {
  initial: 'what the disk was made with',
  write: 'a write of the guest',
  zero: 'zeroes',
  other: 'something else',
};
const rangeWords = ({ from, to }: { from: number; to: number }): string =>
  `Bytes ${grouped(Math.round(from))} to ${grouped(Math.round(to))}`;
const button = (text: string, act: () => void, about = text): HTMLElement =>
  h('button', { type: 'button', 'aria-label': about, onclick: act }, text);
