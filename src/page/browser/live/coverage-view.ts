import type { VersionCoverage } from '../../live-model.ts';
import { h } from '../dom.ts';
import { heatMap } from '../heat-map.ts';

/** Job commands by job status, of one version at a time. */
export function coverageView(): { element: HTMLElement; show(coverage: readonly VersionCoverage[]): void } {
  let all: readonly VersionCoverage[] = [];
  let drawn = '';
  const choice = h('select', { id: 'version', onchange: draw });
  const map = h('div');
  const element = h(
    'section',
    { hidden: true },
    h('h2', {}, 'Job commands by job status'),
    h('p', { class: 'filters' }, h('label', {}, 'QEMU', choice)),
    map,
  );
  return { element, show };

  function show(coverage: readonly VersionCoverage[]): void {
    all = coverage;
    element.hidden = coverage.length === 0;
    const chosen = choice.value;
    choice.replaceChildren(
      ...coverage.map(({ version, sequences }) =>
        h('option', { value: version }, `${version} (${sequences} sequences)`),
      ),
    );
    if (coverage.some(({ version }) => version === chosen)) choice.value = chosen;
    draw();
  }

  /** Where it was scrolled to, and whether the rest was unfolded, stays. */
  function draw(): void {
    const grid = all.find(({ version }) => version === choice.value)?.grid;
    const text = JSON.stringify(grid);
    if (text === drawn || !grid) return;
    drawn = text;
    const before = map.querySelector('.frame');
    const [left, top] = [before?.scrollLeft ?? 0, before?.scrollTop ?? 0];
    const isOpen = map.querySelector('details')?.open ?? false;
    map.replaceChildren(heatMap(grid));
    map.querySelector('.frame')?.scrollTo(left, top);
    const rest = map.querySelector('details');
    if (rest) rest.open = isOpen;
  }
}
