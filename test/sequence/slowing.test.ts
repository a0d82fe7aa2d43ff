import { expect, test } from 'vitest';
import { mayLimit } from '../../src/sequence/slowing.ts';
import type { Step } from '../../src/sequence/step.ts';

const limiting: Step[] = [
  { fault: 'throttle', disk: 'src', iops: 1 },
  { qmp: 'block_set_io_throttle', args: { id: 'guest-src', bps: 1 } },
  { qmp: 'blockdev-add', args: { driver: 'raw', file: { driver: 'throttle', file: 'src' } } },
  { qmp: 'blockdev-reopen', args: { options: [{ 'node-name': 'a', 'throttle-group': 'g' }] } },
  { qmp: 'object-add', args: { 'qom-type': 'throttle-group', id: 'g' } },
  { qmp: 'human-monitor-command', args: { 'command-line': 'drive_add 0 throttling.iops-total=1' } },
];
const others: Step[] = [
  { fault: 'unthrottle', disk: 'src' },
  { qmp: 'blockdev-mirror', args: { 'job-id': 'throttled', device: 'throttle-src', speed: 1 } },
  { guest: 'read', disk: 'src', note: 'while it is throttled' },
];

test.each(limiting)('limits requests: %j', (step) => expect(mayLimit(step)).toBe(true));
test.each(others)('does not: %j', (step) => expect(mayLimit(step)).toBe(false));
