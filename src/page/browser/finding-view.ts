import type { Detail, FindingHead } from '../model.ts';
import { readDetail } from './data.ts';
import { detailView } from './detail-view.ts';
import { h } from './dom.ts';
import { affectedGrid } from './tables.ts';

/** One finding: what it is and where, then its detail as soon as that is there. */
export function findingView(
  head: FindingHead,
  detailOf: (index: number) => Promise<Detail> = readDetail,
): HTMLElement {
  const {
    id,
    title,
    impact,
    impactWords,
    reachWords,
    rule,
    status,
    reproduced,
    met,
    steps,
    affected,
    detail,
    note,
  } = head;
  const body = h(
    'div',
    {},
    h('p', { class: 'muted' }, detail === undefined ? (note ?? 'Nothing more is known here.') : 'Unpacking…'),
  );
  if (detail !== undefined)
    void detailOf(detail).then(
      (read) => body.replaceChildren(detailView(read)),
      (error: Error) => body.replaceChildren(h('p', { class: 'note' }, error.message)),
    );
  return h(
    'article',
    { class: 'finding-view' },
    h('p', { class: 'back' }, h('a', { href: '#' }, '← all findings')),
    h(
      'div',
      { class: 'line' },
      h('span', { class: `badge impact-${impact}` }, impactWords),
      h('span', {}, reachWords),
      h('span', { class: 'muted' }, status),
    ),
    h('h1', {}, title),
    h(
      'p',
      { class: 'muted line' },
      h('code', {}, id),
      h('code', {}, rule),
      h('span', {}, `${steps} step${steps === 1 ? '' : 's'}`),
      h('span', {}, `shows ${reproduced.ok} of ${reproduced.of} times`),
      h('span', {}, `met ${met} time${met === 1 ? '' : 's'}`),
    ),
    affected.length > 0 && h('section', {}, h('h2', {}, 'Where it shows'), affectedGrid(affected)),
    body,
  );
}
