import { clearNode, type Graph } from '../../model/graph/graph.ts';
import { renderAwaited } from '../../sequence/render.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule, Violation } from '../rule.ts';
import { isUnclear } from './ruling.ts';

const locked: Rule = {
  name: 'graph/image-locked',
  kind: 'state',
  statement:
    'While QEMU has an image open for writing in qcow2, no other process can open it, with or without a job on it.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOptionsFile: "whether to enable file locking."; auto by default; block.c, bdrv_default_perms: a format node that is writable locks its file; tried on these versions',
};

export const lockRules: readonly Rule[] = [locked];

/** Another process tried at least this long: one try of it takes a few milliseconds. */
const triedUs = 100_000;

/** A wait for an image to be locked that ran out, though a node held the image all the while. */
export function judgeLockWait(
  { trace, opened }: Evidence,
  graph: Graph,
  seen: Extract<Observation, { kind: 'await' }>,
  at: Place,
  ledger: Ledger,
): Violation[] {
  const step = opened.sequence.steps[seen.step];
  if (seen.outcome === 'moot' || !step || !('await' in step)) return [];
  const what = step.await;
  if (typeof what !== 'object' || !('locked' in what)) return [];
  const node = clearNode(graph, what.locked);
  const holds = node?.driver === 'qcow2' && node.image && node.readOnly === false && node.active === true;
  if (isUnclear(graph, what.locked)) ledger.undecided(locked, 'part of the graph');
  if (!holds) return [];
  if (seen.outcome === 'met') {
    ledger.held(locked);
    return [];
  }
  const why =
    seen.waitedUs < triedUs ? 'too short' : node.changedAt >= begunAt(trace, at) ? 'race' : undefined;
  if (why) {
    ledger.undecided(locked, why);
    return [];
  }
  const facts: Fact = { shape: 'lacking', what: 'lock', awaited: renderAwaited(what), node: node.name };
  return [{ rule: locked, at, step: seen.step, facts }];
}

/** Place of the last reply before, since a command may have made the node meanwhile; else of the step's beginning. */
function begunAt(trace: Evidence['trace'], at: Place): number {
  for (let before = at - 1; before >= 0; before--) {
    const seen = trace[before];
    if (seen?.kind === 'reply') return -1;
    if (seen?.kind === 'step') return before;
  }
  return -1;
}
