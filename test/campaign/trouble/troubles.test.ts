import { expect, test } from 'vitest';
import { limits } from '../../../src/campaign/limits.ts';
import { troubleFrom } from '../../../src/campaign/trouble/trouble.ts';
import { openTroubles } from '../../../src/campaign/trouble/troubles.ts';
import { EnvironmentError } from '../../../src/errors.ts';

const system = { qemu: '/usr/bin/qemu', program: 'QEMU system' };
const daemon = { ...system, program: 'QEMU daemon' };
const nbdkit = { reason: 'nbdkit does not start', thing: 'nbd/nbdkit', remedy: 'apt-get install nbdkit' };
const noStart = (program: typeof system) => ({ reason: 'QEMU does not start', thing: program.program });
const repeat = <T>(times: number, work: () => T): T[] => Array.from({ length: times }, work);

test('a server that fails five times in a row is switched off, with what mends it, and once only', () => {
  const troubles = openTroubles([system]);
  const met = { ...system, uses: ['nbd/nbdkit'], trouble: nbdkit };
  const said = repeat(limits.thingFailuresMax + 3, () => troubles.note(met));
  expect(said.map(({ off }) => off !== undefined).indexOf(true)).toBe(limits.thingFailuresMax - 1);
  expect(said.filter(({ off }) => off)).toEqual([{ off: { ...nbdkit, qemu: system.qemu } }]);
  expect(troubles.isOff(system.qemu, 'nbd/nbdkit')).toBe(true);
  expect(troubles.isOff('/another/qemu', 'nbd/nbdkit')).toBe(false);
});

test('one success of the same server between begins the count anew; one without that server does not', () => {
  const troubles = openTroubles([system]);
  const fail = () => troubles.note({ ...system, uses: ['nbd/nbdkit'], trouble: nbdkit });
  repeat(limits.thingFailuresMax - 1, fail);
  troubles.note({ ...system, uses: ['nbd/nbdkit'] });
  repeat(limits.thingFailuresMax - 1, fail);
  expect(troubles.isOff(system.qemu, 'nbd/nbdkit')).toBe(false);
  troubles.note({ ...system, uses: [] });
  fail();
  expect(troubles.isOff(system.qemu, 'nbd/nbdkit')).toBe(true);
});

test('a server that never works is no reason to end a hunt', () => {
  const troubles = openTroubles([system]);
  const said = repeat(100, () =>
    troubles.note({ ...system, uses: ['iscsi'], trouble: { reason: 'no', thing: 'iscsi' } }),
  );
  expect(said.some(({ hopeless }) => hopeless)).toBe(false);
});

test('plain sequences that fail one after the other end it; one success between does not let it come to that', () => {
  const full = { reason: 'temporary filesystem full' };
  const troubles = openTroubles([system]);
  const fail = () => troubles.note({ ...system, uses: [], trouble: full });
  repeat(limits.plainFailuresMax - 1, fail);
  troubles.note({ ...system, uses: [] });
  const said = repeat(limits.plainFailuresMax, fail);
  expect(said.map(({ hopeless }) => hopeless)).toEqual([...Array(limits.plainFailuresMax - 1), full]);
});

test('where one flavour never starts, it is switched off and the other goes on; where none does, nothing is left', () => {
  const troubles = openTroubles([system, daemon]);
  const both = repeat(limits.thingFailuresMax, () => {
    troubles.note({ ...daemon, uses: [] });
    return troubles.note({ ...system, uses: [], trouble: noStart(system) });
  });
  expect(both.at(-1)).toEqual({ off: { ...noStart(system), qemu: system.qemu } });
  const last = repeat(limits.thingFailuresMax, () =>
    troubles.note({ ...daemon, uses: [], trouble: noStart(daemon) }),
  ).at(-1);
  expect(last?.hopeless).toEqual(noStart(daemon));
});

test('the same failure of two runs has the same reason, whatever directory and process it was in', () => {
  const reasons = ['0-123456-abc', '0-98765-xyz'].map((run) => {
    const message = `qemu-nbd --socket=/dev/shm/mirrorfuzz-${run}/s1/nbd0.own does not start: pid ${run.slice(2, 7)}`;
    return troubleFrom(new EnvironmentError(message)).reason;
  });
  expect(reasons[0]).toBe(reasons[1]);
  expect(reasons[0]).toContain('qemu-nbd');
});
