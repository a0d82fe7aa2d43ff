import type { Disk } from '../../../src/sequence/arena.ts';
import { about, type Tale, type Told } from '../tale.ts';

/** Four grains; a full backup and two overlays, each on the last, that nothing has opened yet. */
const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  format: 'qcow2',
  sizeBytes: 262_144,
  open: false,
  ...more,
});
const arena = {
  disks: [
    disk('src', { fill: 'full', frontend: 'nbd', open: true }),
    disk('full'),
    disk('inc1', { backing: 'full' }),
    disk('inc2', { backing: 'inc1' }),
  ],
};
const told = (story: string): Told => ({ arena, story });

/** As a tool opens a target: without what lies below it, or as its header says. */
const opened = (target: string, over = 'backing=null'): string => `
  > blockdev-add driver=qcow2 node-name=${target} file={"driver":"file","filename":"/d/${target}.qcow2"} ${over}
  < ok`;
const closed = (target: string): string => `
  > blockdev-del node-name=${target}
  < ok`;
const write = (request: number, where: string): string => `
  * ${request} write src ${where}
  * ${request} ok`;
const bitmap = `
  > block-dirty-bitmap-add node=src name=bm0
  < ok
  > query-named-block-nodes
  < [{"node-name":"src","dirty-bitmaps":[{"name":"bm0","count":0,"granularity":65536}]}]`;
const done = '\n! j0 waiting pending\n! COMPLETED j0 65536/65536\n! j0 concluded null';
const failed =
  '\n! ERROR j0 read report\n! j0 aborting\n! COMPLETED j0 0/65536 error="I/O"\n! j0 concluded null';
const cancelled = '\n> job-cancel j0\n< ok\n! j0 aborting\n! CANCELLED j0 0/65536\n! j0 concluded null';
const by = 'sync=bitmap bitmap=bm0 bitmap-mode=';
const backup = (target: string, how: string, ends: string, over?: string): string => `${opened(target, over)}
  > backup j0 target=${target} ${how}
  ! j0 created running
  < ok${ends}${closed(target)}`;
/** All of the disk; from then on what changes is named. */
const full = `${backup('full', 'sync=full', done)}${bitmap}`;

/** A full backup and those after it: their images together are the disk of the last start. */
export const chainTales: readonly Tale[] = about('integrity/backup', {
  broken: {
    'what the first increment copied does not show through the second': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}on-success`, done)}
      ${write(2, '65536+65536')}${backup('inc2', `${by}on-success`, done)}
      = inc2 0+65536:src:0 65536+65536:src:2 131072+131072:src:0`),
    'what the full backup copied does not show through an overlay': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}on-success`, done)}
      = inc1 0+65536:src:1 65536+196608:zero`),
    'what a failed increment was to copy is left out by the next': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}on-success`, failed)}
      ${write(2, '65536+65536')}${backup('inc2', `${by}on-success`, done)}
      = inc2 0+65536:src:0 65536+65536:src:2 131072+131072:src:0`),
    'what a cancelled increment was to copy is left out when it is tried again': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}never`, cancelled)}
      ${backup('inc1', `${by}on-success`, done, '')}
      = inc1 0+262144:src:0`),
    'a failed increment has written what no bitmap named': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}always`, failed)}
      = inc1 0+65536:src:1 65536+65536:zero 131072+131072:src:0`),
  },
  kept: {
    'all of it is there, in one image or the other': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}on-success`, done)}
      ${write(2, '65536+65536')}${backup('inc2', `${by}on-success`, done)}
      = inc1 0+65536:src:1 65536+196608:src:0
      = inc2 0+65536:src:1 65536+65536:src:2 131072+131072:src:0`),
    'a failed increment has copied nothing, or all, and the next makes up for it': told(`
      ${full}${write(1, '0+65536')}${write(2, '65536+65536')}${backup('inc1', `${by}on-success`, failed)}
      ${write(3, '131072+65536')}${backup('inc2', `${by}on-success`, done)}
      = inc1 0+65536:src:1 65536+196608:src:0
      = inc2 0+65536:src:1 65536+65536:src:2 131072+65536:src:3 196608+65536:src:0`),
    'the guest has written to the disk since the last start': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}on-success`, done)}${write(2, '0+65536')}
      = inc1 0+65536:src:1 65536+196608:src:0`),
    'somebody has written to the full backup since': told(`
      ${full}${write(1, '0+65536')}${backup('inc1', `${by}on-success`, done)}
      ${opened('full')}
      > backup j0 device=inc2 target=full
      < ok
      = inc1 0+65536:src:1 65536+196608:zero`),
  },
});
