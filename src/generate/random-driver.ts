import type { Disk } from '../sequence/arena.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json, Step } from '../sequence/step.ts';
import { type Draw, drawFrom } from './draw.ts';
import { randomDisks } from './random-disks.ts';
import { hostileStep } from './random-hostile.ts';

/**
 * The plain random driver: blind to state, seeded, with every kind of step in it. It shows that the rules are silent
 * where they must be; `hostile` mixes in refused and malformed commands and damaged bytes.
 */
export function randomSequence(seed: string, kind: 'legal' | 'hostile'): Sequence {
  const draw = drawFrom(`${kind} ${seed}`);
  const disks = randomDisks(draw);
  const iothreads = disks.some(({ iothread }) => iothread !== undefined) ? { iothreads: ['io0'] } : {};
  const steps: Step[] = [];
  const wanted = draw.int(3, 24);
  while (steps.length < wanted) {
    if (kind === 'hostile' && draw.chance(0.3)) steps.push(hostileStep(draw));
    else steps.push(...randomSteps(draw, disks));
  }
  if (draw.chance(0.05)) steps.push({ qmp: 'quit' }, { await: 'exit' });
  return { schema: 1, title: `random ${kind} ${seed}`, arena: { ...iothreads, disks }, steps };
}

function randomSteps(draw: Draw, disks: readonly Disk[]): Step[] {
  const wait = draw.chance(0.3) ? ({ wait: false } as const) : {};
  const ref = draw.oneOf(['#0', '#0', '#0', '#1']);
  switch (draw.int(0, 19)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return [{ ...jobStart(draw), ...wait }];
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return [{ ...control(draw, ref), ...wait }];
    case 9:
      return [
        {
          qmp: 'block-job-set-speed',
          args: { device: ref, speed: draw.oneOf([0, 1, 65_536, 2 ** 20, 2 ** 30]) },
          ...wait,
        },
      ];
    case 10:
      return [{ qmp: draw.oneOf(['query-jobs', 'query-block-jobs']), ...wait }];
    case 11:
      return [
        {
          await: draw.oneOf(['READY', 'gone', 'paused', 'pending', 'concluded'] as const),
          job: ref,
          deadlineMs: draw.int(1, 60),
        },
      ];
    case 12:
      return [{ pause: draw.int(0, 5) }];
    case 13:
    case 14:
      return disks.some(({ frontend }) => frontend === 'nbd') && disks[0]?.sizeBytes !== 0
        ? [guestStep(draw)]
        : [{ pause: 0 }];
    case 15:
      return [graphStep(draw)];
    case 16:
      return [transaction(draw)];
    case 17: {
      const disk = draw.oneOf(['src', 'dst']);
      return [
        draw.chance(0.5) ? { fault: 'inject', disk, iotype: 'write', errno: 'EIO' } : { fault: 'lift', disk },
      ];
    }
    case 18:
      return [{ fault: 'sigstop' }, { ...control(draw, ref), wait: false }, { fault: 'sigcont' }];
    default:
      return [
        {
          qmp: draw.oneOf([
            'query-named-block-nodes',
            'query-block',
            'query-blockstats',
            'query-block-exports',
          ]),
          ...wait,
        },
      ];
  }
}

function jobStart(draw: Draw): { qmp: string; args: Record<string, Json> } {
  const common = {
    'job-id': draw.oneOf(['j0', 'j1', 'j2']),
    ...draw.sometimes(0.4, { speed: draw.oneOf([0, 1, 65_536, 2 ** 20]) }),
    ...draw.sometimes(0.3, { 'auto-finalize': draw.chance(0.5) }),
    ...draw.sometimes(0.3, { 'auto-dismiss': draw.chance(0.5) }),
  };
  const policies = {
    ...draw.sometimes(0.4, { 'on-source-error': draw.oneOf(['report', 'stop', 'ignore', 'enospc']) }),
    ...draw.sometimes(0.4, { 'on-target-error': draw.oneOf(['report', 'stop', 'ignore', 'enospc']) }),
  };
  const sync = draw.oneOf(['full', 'full', 'top', 'none']);
  const sizing = {
    ...draw.sometimes(0.3, { granularity: draw.oneOf([512, 4096, 65_536, 2 ** 20]) }),
    ...draw.sometimes(0.3, { 'buf-size': draw.oneOf([0, 65_536, 2 ** 20]) }),
    ...draw.sometimes(0.3, { 'copy-mode': draw.oneOf(['background', 'write-blocking']) }),
  };
  const device = { disk: 'src' };
  const target = { disk: draw.oneOf(['dst', 'dst', 'dst2']) };
  switch (draw.int(0, 8)) {
    case 0:
      return {
        qmp: 'block-stream',
        args: { ...common, device, ...draw.sometimes(0.3, { 'on-error': draw.oneOf(['report', 'stop']) }) },
      };
    case 1:
      return { qmp: 'block-commit', args: { ...common, device } };
    case 2:
      return { qmp: 'blockdev-backup', args: { ...common, ...policies, device, target, sync } };
    case 3:
      return {
        qmp: 'drive-mirror',
        args: {
          ...common,
          ...policies,
          ...sizing,
          device,
          target: { newFile: draw.oneOf(['a', 'b']) },
          format: draw.oneOf(['qcow2', 'raw']),
          sync,
        },
      };
    default:
      return { qmp: 'blockdev-mirror', args: { ...common, ...policies, ...sizing, device, target, sync } };
  }
}

function control(draw: Draw, ref: string): { qmp: string; args: Record<string, Json> } {
  const verb = draw.oneOf([
    'pause',
    'resume',
    'cancel',
    'complete',
    'finalize',
    'dismiss',
    'pause',
    'resume',
    'complete',
  ]);
  if (draw.chance(0.5)) return { qmp: `job-${verb}`, args: { id: ref } };
  const name = verb === 'finalize' || verb === 'dismiss' ? { id: ref } : { device: ref };
  return {
    qmp: `block-job-${verb}`,
    args: { ...name, ...(verb === 'cancel' ? draw.sometimes(0.5, { force: draw.chance(0.5) }) : {}) },
  };
}

function guestStep(draw: Draw): Step {
  const guest = draw.oneOf(['write', 'write', 'write', 'zero', 'discard', 'read', 'flush'] as const);
  if (guest === 'flush') return { guest, disk: 'src' };
  const wait = draw.chance(0.5) ? ({ wait: false } as const) : {};
  return {
    guest,
    disk: 'src',
    offsetBytes: 4096 * draw.int(0, 8),
    lengthBytes: draw.oneOf([512, 4096, 16_384]),
    ...wait,
  };
}

function graphStep(draw: Draw): Step {
  const file = { driver: 'file', filename: { path: draw.oneOf(['dst', 'dst2']) } };
  return draw.oneOf<Step>([
    { qmp: 'blockdev-del', args: { 'node-name': draw.oneOf(['src', 'dst', 'dst2', 'x0']) } },
    { qmp: 'blockdev-add', args: { driver: 'null-co', 'node-name': 'x0', size: 2 ** 20 } },
    { qmp: 'blockdev-add', args: { driver: 'raw', 'node-name': 'x0', file } },
    { qmp: 'block_resize', args: { 'node-name': draw.oneOf(['src', 'dst']), size: 2 ** 21 } },
    {
      qmp: 'blockdev-snapshot-sync',
      args: {
        'node-name': 'src',
        'snapshot-file': { newFile: 'snap' },
        'snapshot-node-name': 'snap',
        format: 'qcow2',
      },
    },
    { qmp: 'block-dirty-bitmap-add', args: { node: 'src', name: 'bm0' } },
    { qmp: 'block-dirty-bitmap-remove', args: { node: 'src', name: 'bm0' } },
    {
      qmp: 'block-export-add',
      args: { id: 'e1', type: 'nbd', 'node-name': 'dst', name: 'e1', writable: draw.chance(0.5) },
    },
    { qmp: 'block-export-del', args: { id: 'e1' } },
  ]);
}

function transaction(draw: Draw): Step {
  const backup = (id: string, target: string): Json => ({
    type: 'blockdev-backup',
    data: {
      'job-id': id,
      device: { disk: 'src' },
      target: { disk: target },
      sync: 'full',
      ...draw.sometimes(0.3, { speed: 65_536 }),
      ...draw.sometimes(0.3, { 'auto-finalize': false }),
      ...draw.sometimes(0.3, { 'auto-dismiss': false }),
    },
  });
  const mode = draw.oneOf(['grouped', 'individual']);
  return {
    qmp: 'transaction',
    args: { actions: [backup('t0', 'dst'), backup('t1', 'dst2')], properties: { 'completion-mode': mode } },
  };
}
