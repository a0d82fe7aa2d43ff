import { describe, type TestContext, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import { listQemu } from '../../src/target/programs/binary.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { testedElsewhere } from '../judge/tested-elsewhere.ts';
import type { Driven } from '../real/qemus.ts';
import { type Lie, lies } from './lies.ts';
import { sequences } from './sequences.ts';
import { tamperedRun } from './tampered-run.ts';

const here = (await listQemu()).filter(({ daemon }) => daemon);
const ofSeries = (series: string) => here.find(({ version }) => version.startsWith(`${series}.`));
const usual = ofSeries('7.2') ?? here.at(-1);

describe.runIf(usual)(`QEMU ${usual?.version}'s storage daemon, through the proxy`, () => {
  const target = usual as NonNullable<typeof usual>;

  describe('without a lie no rule is broken', () => {
    test.concurrent.for(Object.entries(sequences))('%s', async ([name, sequence], { skip, expect }) => {
      const flavour: Driven['flavour'] = lies.find(({ of }) => of === name)?.flavour ?? 'daemon';
      const series = wanted[name];
      const where = series === undefined ? target : ofSeries(series);
      if (!where) return skip(`there is no QEMU ${series}`);
      expect(broken(await tamperedRun({ target: where, flavour }, sequence))).toEqual([]);
    });
  });

  describe('a lie is noticed', () => {
    test.concurrent.for(lies.filter((lie) => !isTimed(lie)))('$rule: $says', isNoticed);
    // Where a session answers slowly its request or its job is not waited for long enough, which is undecided.
    test.for(lies.filter(isTimed))('$rule: $says', { retry: 2 }, isNoticed);
  });
});

/** Sequences with what the usual QEMU is too old for: discard-source is of 9.1. */
const wanted: Partial<Record<string, Lie['onSeries']>> = { givenUp: '10.0' };

/** A thread gives itself its name when it first runs: on a loaded machine it may be counted before. */
const isTimed = ({ rule }: Lie): boolean =>
  (rule.startsWith('hang/') && rule !== 'hang/command' && rule !== 'hang/settle') || rule === 'leak/threads';

async function isNoticed(
  { rule, of, tampering, also = [], perhaps = [], onSeries, takenFor, ...lie }: Lie,
  { skip, expect }: TestContext,
): Promise<void> {
  const flavour = lie.flavour ?? 'daemon';
  const found = onSeries === undefined ? usual : ofSeries(onSeries);
  const target = found && takenFor !== undefined ? { ...found, version: takenFor } : found;
  if (!target) return skip(`QEMU ${onSeries} is not here: npx mirrorfuzz qemu fetch trixie`);
  const trace = await tamperedRun({ target, flavour }, sequences[of], [tampering].flat());
  const noticed = broken(trace, rule).filter((each) => !perhaps.includes(each));
  expect(noticed).toEqual([rule, ...also].sort());
}

/** Of the rules tested elsewhere, only the one that the lie is about. */
function broken(trace: Trace, about?: string): string[] {
  const names = judge(trace).violations.map(({ rule }) => rule.name);
  return [...new Set(names)].filter((each) => each === about || !testedElsewhere(each)).sort();
}
