import { describe, expect, test } from 'vitest';
import type { Fact } from '../../src/judge/facts/fact.ts';
import type { Disk } from '../../src/sequence/arena.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { driving, type Part } from '../execute/driving.ts';
import { oneQemu } from '../real/qemus.ts';
import { ruleNamed } from './found.ts';
import { ran, scriptOf } from './scripts.ts';

const target = oneQemu();
const sizeBytes = 2 ** 20;
/** A snapshot of a disk that nobody writes to; `layers`: what may fail below it. */
const fleeced = (layers: Disk['layers'] = []): Part => ({
  disks: [
    { name: 'src', format: 'raw', sizeBytes, fill: 'full', layers },
    { name: 'dst', format: 'raw', sizeBytes },
  ],
  nodes: [
    { 'node-name': 'cbw', driver: 'copy-before-write', file: 'src', target: 'dst' },
    { 'node-name': 'snap', driver: 'snapshot-access', file: 'cbw' },
  ],
  steps: [{ qmp: 'query-jobs' }],
});
const readsFail = fleeced([{ blkdebug: [{ iotype: 'read', errno: 'EIO', sectors: [1024, 8] }] }]);

const lost: Fact = { shape: 'shown', query: 'NBD read', what: 'past lost', node: 'snap', error: 'EIO' };
describe.runIf(target?.daemon && !target.version.startsWith('5.'))('a script reads a snapshot’s past', () => {
  if (!target) return;
  const { run } = driving({ target, flavour: 'daemon' });
  const script = (rule: string, trace: Trace, facts: Fact): string =>
    scriptOf(trace, {
      rule: ruleNamed(rule),
      at: asPlace(trace.findIndex(({ kind }) => kind === 'past')),
      facts,
    });

  test('one that can’t be read is found, and one that can is not', async () => {
    const [failing, sound] = [await run(readsFail), await run(fleeced())];
    expect(ran(script('integrity/snapshot-kept', failing.trace, lost), [])).toMatchObject({ code: 1 });
    expect(ran(script('integrity/snapshot-kept', sound.trace, lost), [])).toMatchObject({ code: 0 });
  });
});
