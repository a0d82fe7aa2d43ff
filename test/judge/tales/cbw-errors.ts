import type { Arena } from '../../../src/sequence/arena.ts';
import type { Step } from '../../../src/sequence/step.ts';
import { about, type Tale, type Told } from '../tale.ts';

const arena = (onError: 'break-snapshot' | 'break-guest-write', more: object = {}): Arena => ({
  disks: [
    { name: 'src', format: 'raw', sizeBytes: 2 ** 20, fill: 'full', frontend: 'nbd', through: 'cbw' },
    { name: 'old', format: 'raw', sizeBytes: 2 ** 20 },
    { name: 'dst', format: 'raw', sizeBytes: 2 ** 20 },
  ],
  nodes: [
    {
      'node-name': 'cbw',
      driver: 'copy-before-write',
      file: 'src',
      target: 'old',
      'on-cbw-error': onError,
      ...more,
    },
    { 'node-name': 'past', driver: 'snapshot-access', file: 'cbw' },
  ],
});
const steps: Step[] = [
  { fault: 'inject', disk: 'old', errno: 'EIO', iotype: 'write' },
  { qmp: 'query-version' },
];
const inject = (disk: string, how = '"iotype":"write"'): string => `
  ~ step step=0
  ~ fault fault={"fault":"inject","disk":"${disk}","errno":"EIO",${how}} step=0 outcome=armed`;
const request = (id: number, place: string, result: string): string => `
  * ${id} write src ${place}
  * ${id} ${result}`;
const asked = `
  > query-version step=1
  < ok`;
const told = (which: Arena, story: string): Told => ({ arena: which, steps, story: `${story}${asked}` });
const goingOn = (story: string): Told => told(arena('break-snapshot', { 'cbw-timeout': 1 }), story);
const refusing = (story: string): Told => told(arena('break-guest-write'), story);
const ofThePast = (device: string): string => `
  > blockdev-backup job-id=j0 device=${device} target=dst sync=full step=1
  ! j0 created running
  < ok`;

const slow = (more: object = { 'cbw-timeout': 1 }, on: 'old' | 'src' = 'old'): Arena => {
  const { disks, nodes = [] } = arena('break-snapshot', more);
  return {
    disks: disks.map((disk) => (disk.name === on ? { ...disk, layers: [{ throttle: {} }] } : disk)),
    nodes,
  };
};
const throttle = (disk: string): string => `
  ~ fault fault={"fault":"throttle","disk":"${disk}","bytesPerSecond":1024} step=0 outcome=armed`;
const waited = (ms: number, end = '* 1 ok'): string => `
  * 1 write src 0+4096
  + ${ms} ms
  ${end}`;
const failed = (ms: number, end = '* 1 error'): string => waited(ms, end);
const slowRefusing = (more: object = { 'cbw-timeout': 5 }, targetBytes = 2 ** 20): Arena => {
  const { disks, nodes = [] } = arena('break-guest-write', more);
  return {
    disks: disks.map((disk) =>
      disk.name === 'old' ? { ...disk, sizeBytes: targetBytes, layers: [{ throttle: {} }] } : disk,
    ),
    nodes,
  };
};
const gaveUp = '~ expired what=guest id=1 deadlineMs=10000';

/** Guests that write through a filter which can't save what was there. */
export const cbwTales: readonly Tale[] = [
  ...about('state/cbw-break-snapshot', {
    broken: {
      'a write fails with the error of the target': goingOn(
        `${inject('old')}${request(1, '0+4096', 'error')}`,
      ),
      'a write fails in time, while the past is copied': goingOn(
        `${ofThePast('past')}${request(1, '0+4096', 'error')}`,
      ),
    },
    kept: {
      'it is carried out': goingOn(`${inject('old')}${request(1, '0+4096', 'ok')}`),
      'the disk itself may fail': goingOn(`${inject('src')}${request(1, '0+4096', 'error')}`),
      'a job works on the disk itself': goingOn(`${ofThePast('src')}${request(1, '0+4096', 'error')}`),
      'it lies beyond the disk': goingOn(`${inject('old')}${request(1, '1048576+4096', 'error')}`),
    },
  }),
  ...about('state/cbw-break-guest-write', {
    broken: {
      'a write to what can not be saved is carried out': refusing(
        `${inject('old')}${request(1, '0+4096', 'ok')}`,
      ),
      'another cluster was saved before': refusing(
        `${request(1, '0+4096', 'ok')}${inject('old')}${request(2, '524288+4096', 'ok')}`,
      ),
    },
    kept: {
      'it fails': refusing(`${inject('old')}${request(1, '0+4096', 'error')}`),
      'what was there has been saved before': refusing(
        `${request(1, '0+4096', 'ok')}${inject('old')}${request(2, '4096+4096', 'ok')}`,
      ),
      'only some writes to the target fail': refusing(
        `${inject('old', '"iotype":"write","once":true')}${request(1, '0+4096', 'ok')}`,
      ),
      'the error comes while it is under way': refusing(`
        * 1 write src 0+4096${inject('old')}
        * 1 ok`),
    },
  }),
  ...about('state/cbw-timeout-over', {
    broken: {
      'a write fails after 0.7 of 5 seconds': told(slowRefusing(), failed(705)),
      'it fails at once, and the target is not slow': told(slowRefusing(), request(1, '0+4096', 'error')),
    },
    kept: {
      'it fails when the time is over': told(slowRefusing(), failed(5000)),
      'it takes long and is carried out': told(slowRefusing(), failed(705, '* 1 ok')),
      'there is no timeout': told(slowRefusing({}), failed(705)),
      'errors are injected': told(slowRefusing(), `${inject('old')}${failed(705)}`),
      'the target is smaller': told(slowRefusing(undefined, 2 ** 19), failed(705)),
      'another request was under way': told(
        slowRefusing(),
        `
        * 2 write src 0+4096${failed(705)}
        * 2 ok`,
      ),
      'it lies beyond the disk': told(slowRefusing(), request(1, '1048576+4096', 'error')),
    },
  }),
  ...about('hang/cbw-timeout', {
    broken: {
      'a write waits for four seconds': told(slow(), `${throttle('old')}${waited(4000)}`),
      'a write never ends': told(slow(), `${throttle('old')}${waited(10_000, gaveUp)}`),
    },
    kept: {
      'it waits for its time, and a little': told(slow(), `${throttle('old')}${waited(2500)}`),
      'there is no timeout': told(slow({}), `${throttle('old')}${waited(10_000, gaveUp)}`),
      'the disk itself is slow': told(slow(undefined, 'src'), `${throttle('src')}${waited(4000)}`),
      'the target was not slow yet': told(slow(), `${waited(4000)}${throttle('old')}`),
      'the machine had no processor for QEMU': {
        ...told(slow(), ''),
        story: `${throttle('old')}${waited(4000)}
        ~ closed pristine=true commands=2 elapsedUs=4000000 lostUs=1500000`,
      },
    },
  }),
];
