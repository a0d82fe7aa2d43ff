import { describe, expect, test } from 'vitest';
import { openDiscoveries } from '../../../src/campaign/discoveries/discoveries.ts';
import type { Ran, ShrinkEnded } from '../../../src/campaign/worker/worker-messages.ts';
import type { Stack } from '../../../src/findings/stacks/stack.ts';
import { openFindings } from '../../../src/findings/store.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { Step } from '../../../src/sequence/step.ts';
import { asPlace } from '../../../src/trace/place.ts';
import { unclaimed } from '../../findings/facts.ts';
import { mirrorStep, ruleNamed, sequenceOf, traceOf } from '../../findings/found.ts';
import { sanitizerStack, valgrindOf4ea3 } from '../../findings/stacks/recorded.ts';
import { temporaryDir } from '../../target/temporary.ts';

const asMet = sequenceOf(mirrorStep, { pause: 1 }, { pause: 2 });
const minimal = sequenceOf(mirrorStep);
const both = { vary: true, check: true };

test('what a run broke together is one discovery once one of them is minimal and breaks the others', () => {
  const discoveries = open();
  note(discoveries, 'leak/leftover', 'validation/start-arguments', 'crash/signal');
  expect(discoveries.all()).toHaveLength(3);
  expect(discoveries.nextShrink(() => true, both)?.discovery.rule.name).toBe('crash/signal');
  discoveries.shrunk(ended('crash/signal', minimal, ['leak/leftover', 'validation/start-arguments']));
  expect(discoveries.all()).toMatchObject([{ rule: { name: 'crash/signal' }, steps: 1 }]);
});

test('what has joined another is not shrunk', () => {
  const discoveries = open();
  note(discoveries, 'leak/leftover', 'crash/signal');
  discoveries.nextShrink(() => true, both);
  discoveries.shrunk(ended('crash/signal', minimal, ['leak/leftover']));
  expect(discoveries.nextShrink(() => true, both)).toBeUndefined();
});

test('what had joined one goes on with it where that joins a third', () => {
  const discoveries = open();
  note(discoveries, 'leak/leftover', 'validation/start-arguments');
  note(discoveries, 'validation/start-arguments', 'crash/signal');
  for (const [name, beside] of [
    ['validation/start-arguments', ['leak/leftover', 'crash/signal']],
    ['crash/signal', ['validation/start-arguments']],
  ] as const) {
    const next = discoveries.nextShrink(() => true, both);
    expect(next).toBeDefined();
    if (next?.discovery.rule.name === name) discoveries.shrunk(ended(name, minimal, beside));
    else discoveries.shrunk(ended('crash/signal', minimal, ['validation/start-arguments', 'leak/leftover']));
  }
  const ids = discoveries.all().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a crash that is minimal is looked into by valgrind, once; a leak is not', () => {
  const discoveries = open();
  note(discoveries, 'leak/leftover');
  note(discoveries, 'crash/signal');
  for (const name of ['crash/signal', 'leak/leftover']) {
    discoveries.nextShrink(() => true, both);
    discoveries.shrunk(ended(name, minimal, []));
  }
  expect(discoveries.unexplained()).toBe(1);
  expect(discoveries.nextExplain()).toMatchObject({ signature: 'crash/signal', sequence: minimal });
  expect(discoveries.nextExplain()).toBeUndefined();
  const told = { kind: 'explained', id: '', signature: 'crash/signal' } as const;
  expect(discoveries.explained({ ...told, stacks: [] })).toBeUndefined();
  const explained = discoveries.explained({ ...told, stacks: [valgrindOf4ea3()] });
  expect(explained?.cause).toMatch(/^use after free, freed in tran_abort/);
});

test('another way to a known crash, for which other code is to blame, is a finding of its own', () => {
  const heap = 'crash/the heap is corrupted';
  const discoveries = open();
  const shrunk = (sequence: Sequence, stack: Stack) => {
    discoveries.nextShrink(() => true, both);
    const told = { ...ended('crash/signal', sequence, []), signature: heap, stacks: [stack] };
    return discoveries.shrunk(told)?.discovery;
  };
  noteAs(discoveries, heap, asMet);
  const first = shrunk(minimal, valgrindOf4ea3());
  const another = sequenceOf({ qmp: 'query-jobs' });
  noteAs(discoveries, heap, another);
  const second = shrunk(another, sanitizerStack());
  expect(discoveries.all()).toHaveLength(2);
  expect(second).toMatchObject({
    known: false,
    signature: heap,
    cause: 'use after free, freed in bdrv_drop',
  });
  expect(second?.id).not.toBe(first?.id);
  noteAs(discoveries, heap, sequenceOf({ qmp: 'query-block' }));
  expect(shrunk(sequenceOf({ qmp: 'query-block' }), valgrindOf4ea3())).toBeUndefined();
  expect(discoveries.all()).toHaveLength(2);
});

function noteAs(discoveries: ReturnType<typeof open>, signature: string, sequence: Sequence): void {
  const violations = [{ signature, violation: violationOf('crash/signal'), trace: traceOf(sequence) }];
  discoveries.note({ kind: 'ran', program: 0, violations } as unknown as Ran, sequence, 1);
}

test('a known crash without words is looked at beside what it is met as; where nothing tells them apart, a line says so', () => {
  const segv = 'crash/SIGSEGV in job-pause of mirror';
  const dir = temporaryDir();
  const first = open(dir);
  noteAs(first, segv, asMet);
  first.nextShrink(() => true, both);
  first.shrunk({ ...ended('crash/signal', minimal, []), signature: segv });
  const warned: string[] = [];
  const second = open(dir, (message) => warned.push(message));
  noteAs(second, segv, asMet);
  expect(second.nextShrink(() => true, both)?.task.against).toMatchObject({ steps: minimal.steps });
  const again = sequenceOf(mirrorStep, { qmp: 'query-jobs' });
  second.shrunk({ ...ended('crash/signal', again, []), signature: segv });
  expect(warned).toMatchObject([expect.stringContaining('may be another defect with the same signature')]);
});

describe('a known finding that is met again', () => {
  const pause: Step = { qmp: 'job-pause', args: { id: '#0' } };
  const cancel: Step = { qmp: 'job-cancel', args: { id: '#0' } };
  const known = sequenceOf(mirrorStep, pause);
  const name = 'hang/resume';

  /** The store has it minimal; a campaign meets it again, and this is what is minimal then. */
  function metAgain(again: Sequence, { complete = true, dir = temporaryDir() } = {}) {
    const first = open(dir);
    note(first, name);
    first.nextShrink(() => true, both);
    first.shrunk(ended(name, known, []));
    const second = open(dir);
    note(second, name);
    const check = second.nextShrink(() => true, both);
    const apart = second.shrunk({ ...ended(name, again, []), complete })?.discovery;
    return { dir, second, check, apart, id: second.all()[0]?.id };
  }

  test('is shrunk once a campaign, with what is left of the time', () => {
    const { second, check } = metAgain(known);
    expect(check).toMatchObject({ isVariant: true, task: { signature: name } });
    expect(second.nextShrink(() => true, both)).toBeUndefined();
    const dir = temporaryDir();
    metAgain(known, { dir });
    const third = open(dir);
    note(third, name);
    expect(third.nextShrink(() => true, { vary: true, check: false })).toBeUndefined();
  });

  test.each<[what: string, again: Sequence, complete: boolean]>([
    ['takes the same commands', sequenceOf({ pause: 1 }, mirrorStep, pause), true],
    ['takes more', sequenceOf(mirrorStep, pause, cancel), true],
    ['takes less', sequenceOf(mirrorStep), true],
    ['is not minimal', sequenceOf(mirrorStep, cancel), false],
  ])('is that finding where what comes of it %s', (_what, again, complete) => {
    const { apart, dir } = metAgain(again, { complete });
    expect(apart).toBeUndefined();
    expect(openFindings(dir).list().findings).toHaveLength(1);
  });

  test('is a new finding beside it where each takes what the other does without', () => {
    const again = sequenceOf(mirrorStep, cancel);
    const { apart, dir, second, id } = metAgain(again);
    expect(apart).toMatchObject({ known: false, apartFrom: id, steps: 2, shrunk: 'done' });
    expect(second.all()).toHaveLength(2);
    const { findings } = openFindings(dir).list();
    expect(findings.map((each) => [each.id, each.status, each.links, each.signature]).sort()).toEqual(
      [
        [id, 'new', [], name],
        [apart?.id, 'new', [id], name],
      ].sort(),
    );
    // The next campaign knows both.
    expect(metAgain(again, { dir }).apart).toBeUndefined();
    expect(openFindings(dir).list().findings).toHaveLength(2);
  });
});

function open(dir = temporaryDir(), warn: (message: string) => void = () => {}) {
  const tool = { name: 'mirrorfuzz', version: '0' };
  const target = { label: '7.2.22', version: '7.2.22', path: '/usr/bin', identity: '' };
  const programs = [{ target, flavour: 'daemon' }] as never;
  const store = openFindings(dir);
  return openDiscoveries({ store, programs, seed: '1', tool, shrink: true, warn });
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
  at: asPlace(0),
  facts: unclaimed,
});
