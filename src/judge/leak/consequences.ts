import type { Json } from '../../sequence/step.ts';
import type { LeftFact } from '../facts/left.ts';
import type { Violation } from '../rule.ts';

/**
 * Whether a violation is but how a leak of nodes shows elsewhere in the same trace: a node that something forgotten still
 * holds can't be deleted or used, the filter of a job that is over stands in the graph, and QEMU finds nodes left when it
 * quits. One cause is told once, as the leak. The command that leaked may be refused for a reason of its own.
 */
export function explainedByLeak(found: readonly Violation[]): (violation: Violation) => boolean {
  const leaks = found.flatMap(({ facts, at }) =>
    facts.shape === 'left' && facts.what === 'node' ? [{ ...(facts as NodesLeft), at }] : [],
  );
  const held = new Set(leaks.flatMap(({ names }) => names));
  const leaking = new Set(leaks.map(({ by }) => by?.command));
  const types = new Set(leaks.map(({ by }) => by?.type));
  if (leaks.length === 0) return () => false;
  return ({ facts, at }) => {
    switch (facts.shape) {
      case 'reply': {
        const isRefused = facts.got !== 'success' && facts.due.includes('success');
        return isRefused && !leaking.has(facts.command) && isAbout(facts.why, held);
      }
      case 'shown':
        return facts.what === 'filter' && types.has(filters[facts.driver]);
      case 'died':
        return leaks.some((leak) => leak.at < at) && /\bbdrv_close_all\b/.test(facts.said ?? '');
      default:
        return false;
    }
  };
}

type NodesLeft = Extract<LeftFact, { names: readonly string[] }>;

/** Which job each driver of a filter is of. */
const filters: Readonly<Record<string, string>> = {
  mirror_top: 'mirror',
  commit_top: 'commit',
};

function isAbout(value: Json | object, names: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return names.has(value);
  return (
    value !== null && typeof value === 'object' && Object.values(value).some((each) => isAbout(each, names))
  );
}
