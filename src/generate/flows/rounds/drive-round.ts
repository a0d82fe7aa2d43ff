import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Step } from '../../../sequence/step.ts';
import { pair } from '../../arenas/pair.ts';
import type { Draw } from '../../draw.ts';
import type { Situation } from '../../situation.ts';
import { command, only } from '../../steps/command.ts';
import { newDisk } from '../../steps/start-mirror.ts';
import type { Flow, Part } from '../flow.ts';
import { startOne } from './start.ts';

/**
 * Drives as a user of the human monitor makes them, each with one option or two of `-drive`: each value that QEMU knows,
 * one that it does not, and options that exclude each other. Then jobs are begun on what has come of it: a drive that is
 * there, one without a medium, one that is not there; and on a disk beside them.
 */
export const driveRound: Flow = {
  name: 'drive round',
  suits: ({ schema }) => schema.commands.has('human-monitor-command'),
  arena: pair(),
  parts: (draw) => {
    const first = drivesInARound * draw.int(0, Math.ceil(settings.length / drivesInARound) - 1);
    const drives = Array.from({ length: drivesInARound }, (_, i) => addDrive(first + i));
    const jobs = Array.from({ length: 4 }, () => onADrive);
    return [...drives, ...jobs, (inner, situation) => startOne(inner, situation, () => ({}))];
  },
};

/** A sequence takes 30 steps. */
const drivesInARound = 24;

const addDrive =
  (turn: number): Part =>
  (draw, situation) => {
    const settings = settingsOf(turn);
    const id = draw.chance(0.9) ? [`id=${draw.oneOf(ids)}`] : [];
    const line = [...id, draw.oneOf(media), ...(/(^|,)if=/.test(settings) ? [] : ['if=none']), settings];
    const given = line.filter((each) => each !== '').join(',');
    return only(
      command(draw, situation, 'human-monitor-command', { 'command-line': `drive_add 0 "${given}"` }),
    );
  };

/** Few, so that some are taken already. */
const ids: [string, ...string[]] = ['hd0', 'hd1', 'hd2', 'hd3', 'hd4', 'hd5', 'hd6', 'hd7'];

/** Without a file a drive has no medium. */
const media: [string, ...string[]] = [
  'driver=null-co,size=1048576,read-zeroes=on',
  'driver=null-co,size=1048576,read-zeroes=on',
  'format=raw,file.driver=null-co,file.size=1048576,file.read-zeroes=on',
  '',
  'file=',
];

/** In turn, so that few rounds go through all of them. */
const settingsOf = (turn: number): string => settings[turn % settings.length] ?? '';

const each = (name: string, ...values: readonly string[]): string[] =>
  values.map((value) => `${name}=${value}`);

/** The options of `-drive` that an emulated disk has no part in (qemu-options.hx, blockdev.c). */
const settings: readonly string[] = [
  '',
  ...each('cache', 'none', 'writeback', 'writethrough', 'directsync', 'unsafe', 'nowhere'),
  'cache=none,cache.direct=off,cache.no-flush=on,cache.writeback=off',
  ...each('media', 'disk', 'cdrom', 'nowhere'),
  ...each('werror', 'ignore', 'enospc', 'stop', 'report', 'nowhere'),
  ...each('rerror', 'ignore', 'stop', 'report', 'enospc'),
  ...each('aio', 'threads', 'native', 'nowhere'),
  ...each('copy-on-read', 'on', 'nowhere'),
  'copy-on-read=on,readonly=on',
  'readonly=on,read-only=on',
  ...each('readonly', 'on', 'nowhere'),
  'snapshot=on',
  ...each('detect-zeroes', 'on', 'unmap', 'nowhere'),
  'discard=ignore,detect-zeroes=unmap',
  ...each('discard', 'unmap', 'nowhere'),
  ...each('format', 'raw', 'nowhere', 'help'),
  'if=none,format=raw,driver=raw',
  ...each('stats-account-invalid', 'on', 'off'),
  ...each('stats-account-failed', 'on', 'off'),
  ...each('stats-intervals.0', '60', '0', 'nowhere'),
  'stats-intervals.0=60,stats-intervals.1=3600',
  'stats-intervals.1=60',
  'stats-intervals.0.x=60',
  ...each('bps', '1048576', '-1', '1125899906842625', 'nowhere'),
  ...each('iops', '1000', '-1'),
  'bps=1048576,bps_rd=1048576',
  'iops=1000,iops_wr=1000',
  'bps=1048576,throttling.bps-total=1048576',
  'bps_rd=1048576,bps_wr=1048576,bps_rd_max=2097152,throttling.bps-read-max-length=10',
  'iops_rd=100,iops_wr=100,iops_wr_max=200,throttling.iops-write-max-length=0',
  'iops_max=200',
  'iops=100,iops_max=50',
  'iops_size=4096',
  'iops=100,iops_size=4096,group=limits',
  'bps=1048576,bps_max=2097152,group=limits',
  'index=0',
  'index=0,bus=1',
  'index=3,unit=1',
  'unit=0',
  'bus=1,unit=1',
  'if=ide,unit=7',
  ...['none', 'ide', 'scsi', 'floppy', 'pflash', 'mtd', 'sd', 'virtio', 'xen', 'nowhere'].flatMap((kind) => [
    `if=${kind}`,
    `if=${kind},media=cdrom`,
    `if=${kind},werror=stop`,
    `if=${kind},rerror=report`,
  ]),
  ...each('nowhere', 'on'),
];

/** Refused for a drive without a medium, and for one that is not there. */
const onADrive: Part = (draw, situation) => {
  const [name, args] = draw.oneOf(starts)(draw, situation);
  const device = draw.oneOf(ids);
  return only(command(draw, situation, name, { ...args, device })) as Step[] | undefined;
};

type Start = (draw: Draw, situation: Situation) => [name: string, args: JsonObject];

const target = (draw: Draw, situation: Situation) => {
  const [source] = situation.nodes;
  return source ? newDisk(draw, situation, { ...source, sizeBytes: 2 ** 20 }) : 'nowhere';
};
const jobId = 'j0';

const starts: [Start, ...Start[]] = [
  (draw, situation) => [
    'blockdev-mirror',
    { 'job-id': jobId, target: target(draw, situation), sync: 'full' },
  ],
  (draw, situation) => [
    'blockdev-backup',
    { 'job-id': jobId, target: target(draw, situation), sync: 'full' },
  ],
  () => ['drive-mirror', { target: { newFile: 'from-drive.qcow2' }, sync: 'full', format: 'qcow2' }],
  () => ['drive-backup', { target: { newFile: 'of-drive.qcow2' }, sync: 'none' }],
  () => ['block-stream', {}],
  () => ['block-commit', {}],
  () => ['blockdev-snapshot-sync', { 'snapshot-file': { newFile: 'over-drive.qcow2' } }],
  () => ['block_resize', { size: 2 ** 21 }],
];
