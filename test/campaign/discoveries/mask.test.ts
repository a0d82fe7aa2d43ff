import { expect, test } from 'vitest';
import { maskOf, steerRound } from '../../../src/campaign/discoveries/mask.ts';
import type { Disk } from '../../../src/sequence/arena.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { Step } from '../../../src/sequence/step.ts';

const disk = (more: Partial<Disk> = {}): Disk => ({ name: 'src', format: 'raw', sizeBytes: 65_536, ...more });
const sequence = (steps: Step[], disks: Disk[] = [disk()]): Sequence => ({
  schema: 1,
  title: 't',
  arena: { disks },
  steps,
});
const always = (): boolean => true;

const mirror = (args: Record<string, never> | Record<string, string | boolean> = {}): Step => ({
  qmp: 'blockdev-mirror',
  args: { device: 'src', target: 'dst', sync: 'full', ...args },
});
const crash = sequence([
  mirror({ 'auto-finalize': false }),
  { await: 'pending' },
  { qmp: 'job-cancel', args: { id: '#0' } },
]);
const mask = maskOf('crash/x', crash, 1);

const stepsLeft = (steps: Step[], disks?: Disk[]): Step[] =>
  steerRound(sequence(steps, disks), [mask], always).sequence.steps;

test('the step that would complete a known crash is left out, the others stay', () => {
  const steps: Step[] = [
    mirror({ 'auto-finalize': false }),
    { qmp: 'query-jobs' },
    { qmp: 'block-job-cancel', args: { device: '#0' } },
    { qmp: 'query-block-jobs' },
  ];
  expect(stepsLeft(steps)).toEqual([steps[0], steps[1], steps[3]]);
});

test('a step that does something else than the mask says stays', () => {
  const finalizing: Step[] = [mirror(), { qmp: 'job-cancel', args: { id: '#0' } }];
  expect(stepsLeft(finalizing)).toEqual(finalizing);
  const otherValue: Step[] = [mirror({ 'auto-finalize': true }), { qmp: 'job-cancel', args: { id: '#0' } }];
  expect(stepsLeft(otherValue)).toEqual(otherValue);
});

test('the other way round is another sequence', () => {
  const steps: Step[] = [{ qmp: 'job-cancel', args: { id: '#0' } }, mirror({ 'auto-finalize': false })];
  expect(stepsLeft(steps)).toEqual(steps);
});

test('a mask counts only in an arena that has what its own has', () => {
  const throttled = maskOf('crash/y', sequence([mirror()], [disk({ layers: [{ throttle: {} }] })]), 1);
  const steps: Step[] = [mirror()];
  expect(steerRound(sequence(steps), [throttled], always).masked).toBe(0);
  const there = sequence(steps, [disk({ layers: [{ throttle: {} }, { blkdebug: [] }] })]);
  expect(steerRound(there, [throttled], always)).toMatchObject({ masked: 1, sequence: { steps: [] } });
});

test('names of jobs and nodes do not matter, huge numbers do', () => {
  const huge = maskOf('crash/z', sequence([{ qmp: 'x', args: { node: 'a', size: 2 ** 40 } }]), 1);
  const of = (size: number): Sequence => sequence([{ qmp: 'x', args: { node: 'b', size } }]);
  expect(steerRound(of(2 ** 35), [huge], always).masked).toBe(1);
  expect(steerRound(of(4096), [huge], always).masked).toBe(0);
});

test('a sequence that the mask is not applied to is left as it is', () => {
  const steps: Step[] = [mirror({ 'auto-finalize': false }), { qmp: 'job-cancel', args: { id: '#0' } }];
  expect(steerRound(sequence(steps), [mask], () => false).sequence.steps).toEqual(steps);
});

test('claims about an image go with the step that would have made it', () => {
  const making = (disk: string): Step => ({ qmp: 'job-cancel', args: { id: '#0', x: { newDisk: disk } } });
  const steps = [mirror({ 'auto-finalize': false }), making('t0')];
  const { sequence: left } = steerRound(
    { ...sequence(steps), after: [{ content: 'src' }, { content: 't0' }] },
    [mask],
    always,
  );
  expect(left.steps).toEqual([steps[0]]);
  expect(left.after).toEqual([{ content: 'src' }]);
});
