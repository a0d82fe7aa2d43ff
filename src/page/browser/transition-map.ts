import type { TransitionGrid } from '../model.ts';
import { h } from './dom.ts';
import { levelOf } from './heat-map.ts';
import { framedTable } from './tables.ts';

/** Which status followed which, and how often; ways that QEMU has and nothing took are marked, too. */
export function transitionMap({ from, to, cells }: TransitionGrid): HTMLElement {
  const all = cells.flat().filter((cell) => cell !== null);
  const most = Math.max(1, ...all.map(({ times }) => times));
  const ways = all.filter(({ isAllowed }) => isAllowed);
  const taken = ways.filter(({ times }) => times > 0).length;
  const table = framedTable(
    'Job statuses that follow each other',
    ['from \\ to', ...to],
    from.map((name, i) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, h('code', {}, name === 'undefined' ? 'start' : name)),
        ...(cells[i] ?? []).map((cell) => fieldOf(cell, most)),
      ),
    ),
  );
  table.querySelector('table')?.classList.add('heat');
  return h(
    'div',
    {},
    h(
      'p',
      { class: 'muted' },
      `${taken} of the ${ways.length} ways that QEMU's jobs have were taken. ○ is a way that nothing took, an empty field no way at all.`,
    ),
    table,
  );
}

function fieldOf(cell: TransitionGrid['cells'][number][number], most: number): HTMLElement {
  if (!cell) return h('td', {});
  if (cell.times === 0)
    return h(
      'td',
      { class: 'never' },
      h('span', { 'aria-hidden': 'true' }, '○'),
      h('span', { class: 'offscreen' }, 'not taken'),
    );
  return h(
    'td',
    { class: levelOf(cell.times, most) },
    cell.isAllowed ? `${cell.times}` : `✗ ${cell.times}, no way of QEMU's`,
  );
}
