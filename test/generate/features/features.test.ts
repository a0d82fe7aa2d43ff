import { describe, expect, test } from 'vitest';
import { drawnFrom } from '../../../src/generate/features/feature.ts';
import { countFeatures } from '../../../src/generate/features/features.ts';
import type { Arena } from '../../../src/sequence/arena.ts';
import type { Step } from '../../../src/sequence/step.ts';
import { binaryOf } from '../binaries.ts';

const pair: Arena = {
  disks: [
    { name: 'src', format: 'qcow2', sizeBytes: 1_048_576, fill: 'full', frontend: 'nbd' },
    { name: 'dst', format: 'qcow2', sizeBytes: 1_048_576 },
  ],
};
const mirror = (more: Record<string, string | number> = {}): Step => ({
  qmp: 'blockdev-mirror',
  args: { 'job-id': 'j0', device: { disk: 'src' }, target: { node: 'dst' }, sync: 'full', ...more },
});

/** The features that a sequence of these steps has, in the order of their list. */
function featuresOf(steps: Step[], arena = pair): string[] {
  const counts = countFeatures();
  counts.add(drawnFrom({ schema: 1, title: 'a', arena, steps }, binaryOf('10.0')));
  return counts.result().flatMap(({ feature, count }) => (count > 0 ? [feature] : []));
}

describe('what sequences hold is named', () => {
  test('nothing but a query: no job begins', () => {
    expect(featuresOf([{ qmp: 'query-jobs' }])).toEqual(['no job begins']);
  });

  test('a command that can not be accepted begins no job', () => {
    expect(featuresOf([mirror({ sync: 'sideways' })])).toEqual(['no job begins']);
  });

  test('a verb for a job that a limit holds', () => {
    const features = featuresOf([mirror({ speed: 2 }), { qmp: 'job-pause', args: { id: '#0' } }]);
    expect(features).toEqual(['a mirror begins', 'pause of a job', 'pause of a job that sleeps on a limit']);
  });

  test('an error before a job is another ingredient than one while it copies', () => {
    const inject: Step = { fault: 'inject', disk: 'dst', iotype: 'write', errno: 'EIO', nth: 2 };
    expect(featuresOf([inject, mirror({ speed: 2 })])).toEqual([
      'a mirror begins',
      'the nth request fails',
      'an error is armed before the first job',
    ]);
    expect(featuresOf([mirror({ speed: 1 }), inject])).toContain('an error is armed while a job copies');
  });

  test('several requests in flight when a verb comes; none once they were waited for', () => {
    const write: Step = { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 512, wait: false };
    const pause: Step = { qmp: 'job-pause', args: { id: '#0' } };
    const together = 'pause with several requests in flight';
    expect(featuresOf([mirror({ speed: 1 }), write, write, pause])).toContain(together);
    expect(featuresOf([mirror({ speed: 1 }), write, pause])).not.toContain(together);
    expect(featuresOf([mirror({ speed: 1 }), write, write, { await: 'guest' }, pause])).not.toContain(
      together,
    );
  });

  test('two verbs, the second right behind the first', () => {
    const forced: Step = { qmp: 'block-job-cancel', args: { device: '#0', force: true } };
    const soft: Step = { qmp: 'block-job-cancel', args: { device: '#0' } };
    const together = 'a soft cancel after a forced one';
    expect(featuresOf([mirror(), forced, soft])).toContain(together);
    expect(featuresOf([mirror(), soft, soft])).not.toContain(together);
    expect(featuresOf([mirror(), forced, { pause: 1 }, soft])).not.toContain(together);
  });
});

test('no two features have one name, and each is counted once a sequence', () => {
  const counts = countFeatures();
  const drawn = drawnFrom(
    { schema: 1, title: 'a', arena: pair, steps: [mirror(), mirror()] },
    binaryOf('7.2'),
  );
  counts.add(drawn);
  counts.add(drawn);
  const all = counts.result();
  expect(new Set(all.map(({ feature }) => feature)).size).toBe(all.length);
  expect(Math.max(...all.map(({ count }) => count))).toBe(2);
});

test('what no binary can have is lacking, and none of the two is a count of zero', () => {
  const sequence = { schema: 1, title: 'a', arena: pair, steps: [mirror()] } as const;
  const seen = (...series: Parameters<typeof binaryOf>[0][]) => {
    const counts = countFeatures();
    for (const each of series) counts.add(drawnFrom(sequence as never, binaryOf(each)));
    return new Map(counts.result().map(({ feature, lacks }) => [feature, lacks === true]));
  };
  const lacking = (has: Map<string, boolean>) =>
    ['block-job-change', 'snapshot-access', 'the nth request fails', 'pause of a job'].filter((name) =>
      has.get(name),
    );
  expect(lacking(seen('5.2'))).toEqual(['block-job-change', 'snapshot-access', 'the nth request fails']);
  expect(lacking(seen('7.2'))).toEqual(['block-job-change']);
  expect(lacking(seen('5.2', '10.0'))).toEqual([]);
});
