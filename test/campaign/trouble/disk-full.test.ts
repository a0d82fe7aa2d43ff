import { expect, test } from 'vitest';
import { limits } from '../../../src/campaign/limits.ts';
import { mustHaveHadRoom } from '../../../src/campaign/trouble/disk-full.ts';
import { EnvironmentError } from '../../../src/errors.ts';
import type { Step } from '../../../src/sequence/step.ts';
import type { Observation, Seen } from '../../../src/trace/observation.ts';

const plenty = limits.runFreeBytesMin;
const refused: Seen = {
  kind: 'reply',
  id: 'm1',
  error: { class: 'GenericError', desc: 'No space left on device' },
};
const failed: Seen = {
  kind: 'event',
  name: 'BLOCK_JOB_COMPLETED',
  data: { device: 'j0', error: 'No space left on device' },
  qemuUs: 0,
};
const asked: Step = { fault: 'inject', disk: 'src', errno: 'ENOSPC' };

test('a run that left room and says nothing of a lack of it may be judged', () => {
  expect(() => mustHaveHadRoom(trace([]), plenty)).not.toThrow();
});

test('a run after which the file system is nearly full may not', () => {
  expect(() => mustHaveHadRoom(trace([]), plenty - 1)).toThrow(EnvironmentError);
  expect(() => mustHaveHadRoom(trace([asked]), 0)).toThrow(/^temporary filesystem full: 0 MiB were left/);
});

test.each([refused, failed])('nor one that met a full file system which has room again: $kind', (seen) => {
  expect(() => mustHaveHadRoom(trace([], seen), plenty)).toThrow(EnvironmentError);
});

test('a lack of space that the sequence itself injects is what it asked for', () => {
  expect(() => mustHaveHadRoom(trace([asked], failed), plenty)).not.toThrow();
});

function trace(steps: Step[], ...seen: Seen[]): Observation[] {
  const opened: Seen = {
    kind: 'opened',
    schema: 1,
    tool: { name: 'mirrorfuzz', version: '0' },
    qemu: { label: '7.2.22', version: '7.2.22', flavour: 'system' },
    startedAt: '2026-01-01T00:00:00.000Z',
    session: { sequencesBefore: 0 },
    roundTripUs: 300,
    sequence: { schema: 1, title: 't', arena: { disks: [] }, steps },
  } as Seen;
  return [opened, ...seen].map((each, us) => ({ us, ...each }));
}
