import { expect, test } from 'vitest';
import type { Step } from '../../src/sequence/step.ts';
import { asPlace } from '../../src/trace/place.ts';
import { died } from './facts.ts';
import { ruleNamed, sequenceOf, traceOf } from './found.ts';
import { scriptOf } from './scripts.ts';

/** repro.sh of a QEMU that died of these steps. */
function scriptAfter(...steps: Step[]): string {
  const trace = traceOf(
    sequenceOf(...steps),
    { kind: 'phase', phase: 'steps' },
    { kind: 'step', step: 0 },
    { kind: 'exit', code: null, signal: 'SIGSEGV', asked: false },
  );
  return scriptOf(trace, {
    rule: ruleNamed('crash/signal'),
    at: asPlace(trace.length - 1),
    facts: died('SIGSEGV'),
  });
}

test('a script that sends a command that no QEMU has does not take its refusal for something that is lacking', () => {
  expect(scriptAfter({ qmp: 'no-such-command', oob: true })).not.toContain('CommandNotFound');
  expect(scriptAfter({ qmp: 'query-jobs', oob: true })).toContain('CommandNotFound');
});
