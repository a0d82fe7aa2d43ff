import type { CoverageGrid, Page } from '../model.ts';
import { h } from './dom.ts';
import { heatMap } from './heat-map.ts';
import { transitionMap } from './transition-map.ts';
import { versionChoice } from './version-choice.ts';

/** The state diagram as it was exercised. */
export const exercisedView = (
  coverage: CoverageGrid,
  { transitions, byVersion = [] }: Pick<Page, 'transitions' | 'byVersion'>,
): HTMLElement =>
  versionChoice(byVersion, (one) => {
    const moves = one?.transitions ?? transitions;
    return [
      heatMap(one?.coverage ?? coverage),
      ...(moves ? [h('h3', {}, 'From one status to another'), transitionMap(moves)] : []),
    ];
  });
