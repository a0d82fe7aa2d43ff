import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signatureOf } from '../../../src/findings/signature.ts';
import { judge } from '../../../src/judge/judge.ts';
import type { Observation, Trace } from '../../../src/trace/observation.ts';
import { readTrace } from '../../../src/trace/stored-trace.ts';

/** A guest's disk that lost data beside its write, by a mirror with copy-mode=write-blocking. */
const stored = readTrace(join(import.meta.dirname, '../../../findings/cf1ac77f89df/trace.jsonl'));
const asStarted =
  'integrity/content: write-blocking mirror of a part: what was there before, beside a request, older';

test('a mirror that a command made write-blocking loses data as one that began so', () => {
  expect(signature(stored)).toBe(asStarted);
  expect(signature(changedLater({ return: {} }))).toBe(asStarted);
});

test('a refused change makes no mirror write-blocking', () => {
  const refused = changedLater({ error: { class: 'GenericError', desc: 'Job is not ready' } });
  expect(signature(refused)).not.toBe(asStarted);
});

/** The same trace with the mode set by block-job-change, just before the guest writes. */
function changedLater(answer: { return: object } | { error: { class: string; desc: string } }): Trace {
  const id = 'change';
  const args = { id: 'j0', type: 'mirror', 'copy-mode': 'write-blocking' };
  return stored.flatMap((seen): Observation[] => {
    if (seen.kind === 'command' && seen.name === 'drive-mirror') {
      const { 'copy-mode': _, ...rest } = seen.args;
      return [{ ...seen, args: rest }];
    }
    if (seen.kind !== 'guest-begin') return [seen];
    const { us } = seen;
    const change = { us, kind: 'command', id, name: 'block-job-change', args } as const;
    return [change, { us, kind: 'reply', id, ...answer } as Observation, seen];
  }) as Trace;
}

function signature(trace: Trace): string | undefined {
  const violation = judge(trace).violations.find(({ rule }) => rule.name === 'integrity/guest-disk');
  return violation && signatureOf(violation, trace);
}
