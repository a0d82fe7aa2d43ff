import type { CoverageGrid, Page, TransitionGrid } from '../model.ts';
import { h } from './dom.ts';
import { heatMap } from './heat-map.ts';
import { transitionMap } from './transition-map.ts';

/** The state diagram as it was exercised, on all versions or on the one that is chosen. */
export function exercisedView(
  coverage: CoverageGrid,
  { transitions, byVersion = [] }: Pick<Page, 'transitions' | 'byVersion'>,
): HTMLElement {
  const body = h('div', {});
  const choice = h(
    'select',
    { name: 'version', onchange: show },
    h('option', { value: '' }, 'all together'),
    ...byVersion.map(({ version }) => h('option', { value: version }, version)),
  );
  show();
  return h(
    'div',
    {},
    byVersion.length > 0 && h('p', { class: 'line' }, h('label', {}, 'QEMU ', choice)),
    body,
  );

  function show(): void {
    const one = byVersion.find(({ version }) => version === choice.value);
    const moves: TransitionGrid | undefined = one?.transitions ?? transitions;
    body.replaceChildren(
      heatMap(one?.coverage ?? coverage),
      ...(moves ? [h('h3', {}, 'From one status to another'), transitionMap(moves)] : []),
    );
  }
}
