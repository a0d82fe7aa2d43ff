import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingId } from '../../src/findings/signature.ts';
import { storedAs } from '../../src/findings/stored-as.ts';
import { judge } from '../../src/judge/judge.ts';
import { openTally } from '../../src/report/outcome.ts';
import { temporaryDir } from '../target/temporary.ts';
import { committed } from './recorded.ts';

const { findings } = committed.list();

test('every finding of a store is known by its signature: as itself, or as one that needs more than a signature to be told from it', () => {
  const stored = storedAs(committed.dir);
  const alike = Map.groupBy(findings, ({ signature }) => signature);
  for (const [signature, these] of alike) {
    const first = these.find(({ apartFrom }) => apartFrom === undefined);
    expect(stored(signature)?.id).toBe(first?.id);
  }
  expect(alike.size).toBeGreaterThan(findings.length - 5);
  expect(stored('hang/command: nothing that we know')).toBeUndefined();
});

test('the finding that a replay is about is meant, where another one has its signature too', () => {
  const [finding] = findings;
  if (!finding) throw new Error('there are findings');
  expect(storedAs(committed.dir, { ...finding, id: 'aaaaaaaaaaaa' })(finding.signature)?.id).toBe(
    'aaaaaaaaaaaa',
  );
});

test('a store that is not there knows nothing, and so does none', () => {
  const [finding] = findings;
  expect(storedAs(join(temporaryDir(), 'none'))(`${finding?.signature}`)).toBeUndefined();
  expect(storedAs(undefined)(`${finding?.signature}`)).toBeUndefined();
});

test.each([
  ['the committed store', committed.dir, { id: 'dc94e08a45f6', known: true }],
  ['no store', undefined, { id: undefined, known: false }],
])('the JSON of a run says with %s which finding it was, and whether that is known', (_what, dir, due) => {
  const { finding, sequence, trace } = committed.read('dc94e08a45f6');
  const target = { label: 'x', version: '10.0.13', path: '/x' } as never;
  const tally = openTally({
    tool: { name: 'mirrorfuzz', version: '0' },
    options: {},
    programs: [],
    startedAt: new Date(0),
    stored: storedAs(dir),
  });
  const seen = trace();
  tally.add({
    named: { name: 'x', file: 'x.json', sequence: sequence() },
    target,
    flavour: 'daemon',
    verdict: 'fail',
    trace: seen,
    ...judge(seen),
  });
  const [told] = tally.outcome({ elapsedMs: 1, sessionsStarted: 1, interrupted: false }).findings;
  expect(told).toMatchObject({ ...due, id: due.id ?? findingId(finding.signature) });
});
