import { expect, test } from 'vitest';
import { openDiscoveries } from '../../../src/campaign/discoveries/discoveries.ts';
import type { Ran, ShrinkEnded } from '../../../src/campaign/worker/worker-messages.ts';
import { openFindings } from '../../../src/findings/store.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { unclaimed } from '../../findings/facts.ts';
import { mirrorStep, ruleNamed, sequenceOf, traceOf } from '../../findings/found.ts';
import { temporaryDir } from '../../target/temporary.ts';

const asMet = sequenceOf(mirrorStep, { pause: 1 }, { pause: 2 });
const minimal = sequenceOf(mirrorStep);

test('what a run broke together is one discovery once one of them is minimal and breaks the others', () => {
  const discoveries = open();
  note(discoveries, 'leak/leftover', 'validation/start-arguments', 'crash/signal');
  expect(discoveries.all()).toHaveLength(3);
  expect(discoveries.nextShrink(() => true, true)?.discovery.rule.name).toBe('crash/signal');
  discoveries.shrunk(ended('crash/signal', minimal, ['leak/leftover', 'validation/start-arguments']));
  expect(discoveries.all()).toMatchObject([{ rule: { name: 'crash/signal' }, steps: 1 }]);
});

test('what has joined another is not shrunk', () => {
  const discoveries = open();
  note(discoveries, 'leak/leftover', 'crash/signal');
  discoveries.nextShrink(() => true, true);
  discoveries.shrunk(ended('crash/signal', minimal, ['leak/leftover']));
  expect(discoveries.nextShrink(() => true, true)).toBeUndefined();
});

test('what had joined one goes on with it where that joins a third', () => {
  const discoveries = open();
  note(discoveries, 'leak/leftover', 'validation/start-arguments');
  note(discoveries, 'validation/start-arguments', 'crash/signal');
  for (const [name, beside] of [
    ['validation/start-arguments', ['leak/leftover', 'crash/signal']],
    ['crash/signal', ['validation/start-arguments']],
  ] as const) {
    const next = discoveries.nextShrink(() => true, true);
    expect(next).toBeDefined();
    if (next?.discovery.rule.name === name) discoveries.shrunk(ended(name, minimal, beside));
    else discoveries.shrunk(ended('crash/signal', minimal, ['validation/start-arguments', 'leak/leftover']));
  }
  const ids = discoveries.all().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

function open() {
  const tool = { name: 'mirrorfuzz', version: '0' };
  const target = { label: '7.2.22', version: '7.2.22', path: '/usr/bin', identity: '' };
  const programs = [{ target, flavour: 'daemon' }] as never;
  const store = openFindings(temporaryDir());
  return openDiscoveries({ store, programs, seed: '1', tool, shrink: true, warn() {} });
}

/** A run that broke these rules; a rule's name stands for the signature. */
function note(discoveries: ReturnType<typeof open>, ...names: string[]): void {
  const violations = names.map((name) => ({
    signature: name,
    violation: violationOf(name),
    trace: traceOf(asMet),
  }));
  discoveries.note({ kind: 'ran', program: 0, violations } as unknown as Ran, asMet, 1);
}

function ended(signature: string, sequence: Sequence, beside: readonly string[]): ShrinkEnded {
  return {
    kind: 'shrunk',
    id: '',
    program: 0,
    signature,
    sequence,
    reproduced: { ok: 3, of: 3 },
    executions: 9,
    elapsedMs: 1,
    complete: true,
    shown: { trace: traceOf(sequence), violation: violationOf(signature), beside },
    sessionsStarted: 1,
  };
}

const violationOf = (name: string) => ({
  rule: ruleNamed(name),
  at: 0,
  facts: unclaimed,
});
