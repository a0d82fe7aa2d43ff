import { describe, expect, test } from 'vitest';
import { after, begin, jobReference, type Situation } from '../../src/generate/situation.ts';
import type { Arena, Disk } from '../../src/sequence/arena.ts';
import type { Step } from '../../src/sequence/step.ts';
import { binaryOf } from './binaries.ts';

const size = 2 ** 20;
const arena: Arena = {
  disks: [
    { name: 'base', format: 'qcow2', sizeBytes: size, fill: 'seeded' },
    { name: 'src', format: 'qcow2', sizeBytes: size, fill: 'seeded', backing: 'base', frontend: 'nbd' },
    { name: 'dst', format: 'qcow2', sizeBytes: size },
  ],
};
const believed = (...steps: Step[]): Situation => steps.reduce(after, begin(binaryOf('10.0'), arena));

const mirror = (more: object = {}, step: object = {}): Step => ({
  qmp: 'blockdev-mirror',
  args: { 'job-id': 'm', device: { disk: 'src' }, target: { node: 'dst' }, sync: 'full', ...more },
  ...step,
});
const ready: Step = { await: 'READY', job: '#0' };
const gone: Step = { await: 'gone', job: '#0' };
const verb = (name: string): Step => ({ qmp: `job-${name}`, args: { id: '#0' } });
const statuses = ({ jobs }: Situation): string[] => jobs.map(({ status }) => status);
const node = ({ nodes }: Situation, name: string) => nodes.find((each) => each.name === name);

describe('jobs', () => {
  test('a mirror that is waited for is READY, stands still when paused, and is gone when it has completed', () => {
    expect(statuses(believed(mirror()))).toEqual(['running']);
    expect(statuses(believed(mirror(), ready))).toEqual(['ready']);
    expect(statuses(believed(mirror(), ready, verb('pause')))).toEqual(['standby']);
    expect(statuses(believed(mirror(), ready, verb('complete'), gone))).toEqual([]);
  });

  test('a mirror that was asked to end may still flush: it is gone later, on a slow target much later', () => {
    const look: Step = { qmp: 'query-jobs' };
    const asked = (arenaOf: Arena, ...steps: Step[]) =>
      steps.reduce(
        after,
        [mirror(), ready, verb('complete')].reduce(after, begin(binaryOf('10.0'), arenaOf)),
      );
    expect(statuses(asked(arena))).toEqual(['ready']);
    expect(statuses(asked(arena, look, look))).toEqual([]);
    const [base, src, dst] = arena.disks as [Disk, Disk, Disk];
    const slow = { disks: [base, src, { ...dst, layers: [{ throttle: { iops: 1 } }] }] };
    expect(statuses(asked(slow, look, look))).toEqual(['ready']);
    expect(asked(slow, look, look, verb('cancel')).jobs[0]?.ending).toBe(undefined);
    expect(statuses(asked(slow, gone))).toEqual([]);
  });

  test('a rate limit holds a job until it is lifted, but not one that has nothing to copy', () => {
    const lift: Step = { qmp: 'block-job-set-speed', args: { device: '#0', speed: 0 } };
    expect(statuses(believed(mirror({ speed: 1 }), ready))).toEqual(['running']);
    expect(statuses(believed(mirror({ speed: 1 }), lift, ready))).toEqual(['ready']);
    expect(statuses(believed(mirror({ speed: 1, sync: 'none' }), ready))).toEqual(['ready']);
  });

  test('auto-finalize and auto-dismiss false stop it on its way out', () => {
    const byHand = mirror({ 'auto-finalize': false, 'auto-dismiss': false });
    const completed = [byHand, ready, verb('complete'), { pause: 1 }];
    expect(statuses(believed(...completed))).toEqual(['pending']);
    expect(statuses(believed(...completed, verb('finalize')))).toEqual(['concluded']);
    expect(statuses(believed(...completed, verb('finalize'), verb('dismiss')))).toEqual([]);
  });

  test('grouped jobs wait for each other, and one that is cancelled takes the other with it', () => {
    const backup = (id: string, target: string, speed: number) => ({
      type: 'blockdev-backup',
      data: { 'job-id': id, device: { disk: 'src' }, target: { node: target }, sync: 'full', speed },
    });
    const both: Step = {
      qmp: 'transaction',
      args: {
        actions: [backup('a', 'dst', 0), backup('b', 'base', 1)],
        properties: { 'completion-mode': 'grouped' },
      },
    };
    expect(statuses(believed(both, { pause: 1 }))).toEqual(['waiting', 'running']);
    expect(believed(both, { pause: 1 }, verb('cancel')).jobs).toEqual([]);
  });

  test('what the schema refuses starts nothing', () => {
    expect(believed(mirror({ sync: 'half' })).jobs).toEqual([]);
    expect(believed(mirror({ surprise: true })).jobs).toEqual([]);
    expect(believed(mirror({ device: 'nowhere' })).jobs).toEqual([]);
  });
});

describe('references', () => {
  test('a job whose start was waited for goes by its number, another by its id', () => {
    const waited = believed(mirror());
    expect(jobReference(waited, waited.jobs[0]!)).toBe('#0');
    const pipelined = believed(mirror({}, { wait: false }));
    expect(jobReference(pipelined, pipelined.jobs[0]!)).toBe('m');
    const answered = believed(mirror({}, { wait: false }), { await: 'reply' });
    expect(jobReference(answered, answered.jobs[0]!)).toBe('#0');
  });
});

describe('nodes', () => {
  test('a mirror that completes leaves the guest on its target; one that is cancelled does not', () => {
    const pivoted = believed(mirror(), ready, verb('complete'), gone);
    expect([node(pivoted, 'src')?.frontend, node(pivoted, 'dst')?.frontend]).toEqual(['none', 'export']);
    const softCancel: Step = { qmp: 'block-job-cancel', args: { device: '#0' } };
    const cancelled = believed(mirror(), ready, softCancel, gone);
    expect([node(cancelled, 'src')?.frontend, node(cancelled, 'dst')?.frontend]).toEqual(['export', 'none']);
  });

  test('a stream that has ended leaves its node without a backing one', () => {
    const streamed = believed(
      { qmp: 'block-stream', args: { 'job-id': 's', device: { disk: 'src' } } },
      { pause: 2 },
    );
    expect(node(streamed, 'src')).toMatchObject({ backing: undefined, children: ['src-file'] });
  });

  test('only a node that nobody uses can be deleted', () => {
    const del = (name: string): Step => ({ qmp: 'blockdev-del', args: { 'node-name': name } });
    expect(node(believed(del('base')), 'base')).toBeDefined();
    expect(node(believed(mirror(), del('dst')), 'dst')).toBeDefined();
    expect(node(believed(del('dst')), 'dst')).toBeUndefined();
  });

  test('a disk made by a step is there from then on, and its name is taken', () => {
    const made = believed(mirror({ target: { newDisk: 't0' } }));
    expect(node(made, 't0')).toMatchObject({ sizeBytes: size, origin: 'newDisk' });
    expect(made.usedNames).toContain('t0');
  });
});

test('a chain that is believed to be a ring has no end, and is come through all the same', () => {
  const ring: Step = { qmp: 'blockdev-snapshot', args: { node: 'src', overlay: 'base' } };
  const commit: Step = { qmp: 'block-commit', args: { 'job-id': 'c', device: 'src' } };
  const situation = believed(ring, commit, { await: 'READY', job: '#0' }, verb('complete'), ready);
  expect(['src', 'base'].map((name) => node(situation, name)?.backing)).toEqual(['base', 'src']);
});

test('a hostile number is believed to be no size', () => {
  const add = (size: number): Step => ({
    qmp: 'blockdev-add',
    args: { driver: 'null-co', 'node-name': 'n', size },
  });
  const resize = (size: number): Step => ({ qmp: 'block_resize', args: { 'node-name': 'n', size } });
  expect(node(believed(add(-1)), 'n')?.sizeBytes).toBe(0);
  expect(node(believed(add(65_536), resize(2 ** 63)), 'n')?.sizeBytes).toBe(65_536);
  expect(node(believed(add(65_536), resize(512)), 'n')?.sizeBytes).toBe(512);
});
