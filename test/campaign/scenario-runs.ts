import type { RunItem } from '../../src/campaign/run-all.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { asPlace } from '../../src/trace/place.ts';
import { ruleNamed, sequenceOf, traceOf } from '../findings/found.ts';

const sequence: Sequence = sequenceOf({ qmp: 'query-version', expect: 'error' });

/** A run that passed unless said otherwise. */
export function run(more: Partial<RunItem> = {}): RunItem {
  return {
    named: { name: 'unsound', file: 'unsound.json', sequence },
    target: { label: '7.2.22', version: '7.2.22', path: '/usr/bin' } as RunItem['target'],
    flavour: 'daemon',
    verdict: 'pass',
    trace: traceOf(sequence),
    violations: [],
    verdicts: [],
    ...more,
  };
}

export const passing = run();

export const failing = run({
  verdict: 'fail',
  violations: [
    {
      rule: ruleNamed('claim/reply'),
      at: asPlace(0),
      step: 0,
      facts: { shape: 'claim', is: 'reply', command: 'query-version', claim: 'error', got: 'success' },
    },
  ],
});
