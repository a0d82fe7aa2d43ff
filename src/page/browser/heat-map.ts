import type { CoverageCell, CoverageGrid } from '../model.ts';
import { h } from './dom.ts';

/** How often each job command was accepted and refused in each status of its job; an empty field was never tried. */
export function heatMap({ statuses, verbs, others }: CoverageGrid): HTMLElement {
  const most = Math.max(
    1,
    ...verbs.flatMap(({ cells }) => cells.flatMap((cell) => (cell ? [total(cell)] : []))),
  );
  const tried = verbs.flatMap(({ cells }) => cells).filter((cell) => cell !== null).length;
  return h(
    'div',
    {},
    h(
      'p',
      { class: 'muted' },
      `✓ accepted, ✗ refused, the stronger the colour, the more often. ${tried} of ${verbs.length * statuses.length} fields were tried; · was not.`,
    ),
    h(
      'div',
      { class: 'frame', tabindex: 0, role: 'region', 'aria-label': 'Job commands by job status' },
      h(
        'table',
        { class: 'heat' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'command'),
            ...statuses.map((status) =>
              h('th', { scope: 'col' }, status === 'none' ? 'no such job' : status),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          ...verbs.map(({ name, cells }) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, h('code', {}, name)),
              ...cells.map((cell) => fieldOf(cell, most)),
            ),
          ),
        ),
      ),
    ),
    others.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `${others.length} commands that name no single job`),
        h(
          'ul',
          { class: 'columns' },
          ...others.map(({ name, accepted, refused }) =>
            h('li', {}, h('code', {}, name), ` ✓ ${accepted} ✗ ${refused}`),
          ),
        ),
      ),
  );
}

const total = ({ accepted, refused }: CoverageCell): number => accepted + refused;

/** Five steps of darkness by magnitude, so that rare fields are seen beside frequent ones. */
export function levelOf(times: number, most: number): string {
  const level = 1 + Math.round((4 * Math.log(times)) / Math.max(1, Math.log(most)));
  return `level-${Math.max(1, Math.min(5, level))}`;
}

function fieldOf(cell: CoverageCell | null, most: number): HTMLElement {
  if (!cell)
    return h(
      'td',
      { class: 'never' },
      h('span', { 'aria-hidden': 'true' }, '·'),
      h('span', { class: 'offscreen' }, 'never tried'),
    );
  const { accepted, refused } = cell;
  return h(
    'td',
    { class: levelOf(total(cell), most) },
    [accepted > 0 ? `✓${accepted}` : '', refused > 0 ? `✗${refused}` : ''].filter(Boolean).join(' '),
  );
}
