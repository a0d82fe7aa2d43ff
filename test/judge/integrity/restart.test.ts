import { expect, test } from 'vitest';
import { judge } from '../../../src/judge/judge.ts';
import type { Disk } from '../../../src/sequence/arena.ts';
import { story } from '../story.ts';

const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  ...{ name, format: 'raw', sizeBytes: 131_072 },
  ...more,
});
const pair = { disks: [disk('src', { fill: 'full', frontend: 'nbd' }), disk('dst')] };

/** The rules about contents that a story breaks in which QEMU is started anew. */
function broken(text: string, arena: { disks: Disk[] } = pair): string[] {
  const after = arena.disks.map(({ name }) => ({ content: name }));
  const rules = judge(story(text, { arena, after })).violations.map(({ rule }) => rule.name);
  return rules.filter((name) => name.startsWith('integrity/'));
}

const killed = '~ exit signal=SIGKILL asked=true';
const anew = `
  ~ restarted step=1
  ~ phase phase=set-up
  ~ phase phase=steps`;
const write = (request: number, place: string): string => `
  * ${request} write src ${place}
  * ${request} ok`;
const flush = (request: number): string => `
  * ${request} flush src
  * ${request} ok`;
const mirrored = `
  > mirror j0
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100
  > block-job-cancel j0
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;

const counted = (count: number): string => `
  > query-named-block-nodes
  < ${JSON.stringify([{ 'node-name': 'src', 'dirty-bitmaps': [{ name: 'bm0', count, granularity: 65_536 }] }])}`;
const bitmapAdded = (more: string): string => `
  > block-dirty-bitmap-add node="src" name="bm0" ${more}
  < ok`;
const quit = `
  > quit
  < ok
  ~ exit code=0 asked=true`;
const kept = { disks: [disk('src', { format: 'qcow2', fill: 'full', frontend: 'nbd' }), disk('dst')] };

test.each([
  ['a persistent bitmap has lost a write', 0, 'persistent=true', quit, ['integrity/bitmap-covers']],
  ['a persistent bitmap counts too much', 131_072, 'persistent=true', quit, ['integrity/bitmap-exact']],
  ['a persistent bitmap is as it was', 65_536, 'persistent=true', quit, []],
  ['what a killed QEMU left is not known', 0, 'persistent=true', killed, []],
  ['another of that name may have been in the image', 131_072, 'persistent=false', quit, []],
])('of a QEMU that is started anew: %s', (_, count, how, end, wanted) => {
  expect(broken(`${bitmapAdded(how)}${write(1, '0+512')}${end}${anew}${counted(count)}`, kept)).toEqual(
    wanted,
  );
});

test.each([
  [
    'an image that nobody wrote, neither before nor after, has changed',
    `${killed}${anew}
     = src 0+131072:zero`,
    'integrity/guest-disk',
  ],
  [
    'a write that was flushed before the kill is gone in the end',
    `${write(1, '0+65536')}${flush(2)}
     ${killed}${anew}
     = src 0+131072:src:0`,
    'integrity/guest-disk',
  ],
  [
    'a write after the restart is gone',
    `${killed}${anew}${write(1, '0+65536')}
     = src 0+131072:src:0`,
    'integrity/guest-disk',
  ],
  [
    'what a mirror had copied in the first life is gone in the second',
    `${mirrored}
     > quit
     < ok
     ~ exit code=0 asked=true
     ${anew}
     = dst 0+131072:zero`,
    'integrity/untouched',
  ],
  [
    'a mirror of the second life copied something else than its source held',
    `${write(1, '0+65536')}${flush(2)}
     ${killed}${anew}${mirrored}
     = dst 0+131072:src:0`,
    'integrity/mirror-copy',
  ],
  [
    'a guest that comes back reads what was overwritten and flushed',
    `${write(1, '0+65536')}${flush(2)}
     ${killed}${anew}
     * 3 read src 0+4096
     * 3 ok 0+4096:src:0`,
    'integrity/guest-read',
  ],
])('after a restart: %s', (_what, text, rule) => {
  expect(broken(text)).toEqual([rule]);
});

const leaks = 'check={"outcome":"broken","text":"leaks\\u0020only:\\u00202\\u0020leaked\\u0020clusters"}';

test.each([
  [
    'a write that was not flushed may be there after a kill, or not',
    `${write(1, '0+65536')}${write(2, '65536+65536')}
     ${killed}${anew}
     = src 0+65536:src:1 65536+65536:src:0`,
  ],
  [
    'a target that was being written at the kill may hold anything',
    `> mirror j0
     ! j0 created running
     < ok
     ${killed}${anew}
     = dst 0+65536:src:0 65536+65536:unknown:1`,
  ],
  [
    'whole is what both lives wrote',
    `${write(1, '0+65536')}${flush(2)}
     ${killed}${anew}${write(3, '65536+65536')}${mirrored}
     = src 0+65536:src:1 65536+65536:src:3
     = dst 0+65536:src:1 65536+65536:src:3`,
  ],
])('after a restart it is right that %s', (_what, text) => {
  expect(broken(text)).toEqual([]);
});

test('what leaked at a kill is still leaked at the orderly end of the next QEMU', () => {
  const arena = { disks: [disk('src', { format: 'qcow2', fill: 'full' })] };
  const orderly = `= src 0+131072:src:0 ${leaks}`;
  expect(broken(`${killed}${anew}\n${orderly}`, arena)).toEqual([]);
  expect(broken(orderly, arena)).toEqual(['integrity/image-check']);
});
