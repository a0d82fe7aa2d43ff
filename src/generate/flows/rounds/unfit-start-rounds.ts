import type { ArenaNode, Disk } from '../../../sequence/arena.ts';
import type { JsonObject } from '../../../sequence/json-object.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { pair } from '../../arenas/pair.ts';
import type { Draw } from '../../draw.ts';
import { limits } from '../../limits.ts';
import type { Binary } from '../../situation.ts';
import { command, hasDriver, offers, only } from '../../steps/command.ts';
import type { StepMaker } from '../../steps/families.ts';
import { startBackup } from '../../steps/start-backup.ts';
import { startCommit } from '../../steps/start-commit.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import type { Flow, Part } from '../flow.ts';
import { named, startOne } from './start.ts';
import { toTheEnd } from './to-the-end.ts';

const mebibyte = 2 ** 20;

/** What a job can't begin with: it is refused, or fails at once. Another one on the same nodes comes through all the same. */
const round = (name: string, flow: Pick<Flow, 'arena' | 'suits'>, ...parts: readonly Part[]): Flow => ({
  name,
  ...flow,
  parts: () => [...parts, over, sound, toTheEnd],
});

/** What has begun in spite of it is over, or waits for its end. */
const over: Part = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job) return undefined;
  const about = { job: job.id, deadlineMs: draw.oneOf(limits.shortDeadlineMs) };
  return [{ await: job.autoDismiss ? 'gone' : 'concluded', ...about }, ...(toTheEnd(draw, situation) ?? [])];
};

const sound: Part = (draw, situation) =>
  situation.jobs.length > 0 ? undefined : startOne(draw, situation, () => ({}));

const otherSize = round(
  'target of another size',
  {
    arena: (draw, binary) => {
      const { disks, ...arena } = pair()(draw, binary);
      const difference = draw.oneOf([512, 65_536, mebibyte, -512, -65_536]);
      const sized = disks.map((disk): Disk => {
        const sizeBytes = disk.name === 'dst' ? mebibyte + difference : mebibyte;
        return { ...disk, sizeBytes };
      });
      return { ...arena, disks: sized };
    },
  },
  (draw, situation) => {
    const name = draw.oneOf(['blockdev-mirror', 'blockdev-mirror', 'blockdev-backup']);
    const args = { 'job-id': 'j0', device: { disk: 'src' }, target: { node: 'dst' }, sync: 'full' };
    return only(command(draw, situation, name, { ...args, ...dismissed(draw) }));
  },
);

/** More than any process can address. */
const tooLarge = [2 ** 47, 2 ** 50, 2 ** 53 - 1];

const hugeBuffer = round('buffer that nobody has', { arena: pair() }, (draw, situation) =>
  startOne(draw, situation, () => ({ 'buf-size': draw.anyOf(tooLarge) ?? 0, ...dismissed(draw) }), [
    startMirror,
  ]),
);

const nameInUse = round(
  'filter name in use',
  { arena: oneOf(pair(), named(chain({ depth: 3 }))) },
  (draw, situation) => {
    const names = [...situation.nodes.map(({ name }) => name), '9bad', `n${'x'.repeat(31)}`];
    const asked = (): JsonObject => ({ 'filter-node-name': draw.anyOf(names) ?? 'src' });
    return startOne(draw, situation, asked, [startMirror, startCommit, startCommit, startBackup]);
  },
);

/** Drivers that can't make their images longer. */
const fixed = ['vdi', 'vmdk'] as const;
const fixedIn = (binary: Binary) => fixed.filter((format) => hasDriver(binary, format));

const shortBase = round(
  'base that can not grow',
  {
    suits: (binary) => fixedIn(binary).length > 0,
    arena: (draw, binary) => {
      const format = draw.anyOf(fixedIn(binary)) ?? 'vdi';
      const sizeBytes = mebibyte - draw.oneOf([65_536, 65_536, 512 * 1024]);
      const overlay = { format: 'qcow2', sizeBytes: mebibyte, fill: 'seeded' } as const;
      const hasMid = draw.chance(0.6);
      return {
        disks: [
          { name: 'base', format, sizeBytes, fill: 'seeded' },
          ...(hasMid ? [{ name: 'mid1', ...overlay, backing: 'base' }] : []),
          { name: 'src', ...overlay, backing: hasMid ? 'mid1' : 'base' },
        ],
      };
    },
  },
  (draw, situation) => {
    const hasMid = situation.nodes.some(({ name }) => name === 'mid1');
    const between = hasMid && draw.chance(0.6) ? { 'top-node': 'mid1', 'base-node': 'base' } : {};
    return only(command(draw, situation, 'block-commit', { ...ofTop, ...between, ...dismissed(draw) }));
  },
);

const ofTop = { 'job-id': 'j0', device: { disk: 'src' } } as const;
const dismissed = (draw: Draw): JsonObject => draw.sometimes(0.3, { 'auto-dismiss': false });

const reader = 'reader';

/** A node alone asks for nothing; whoever reads it wants what it shows to be right. */
const exported: StepMaker = (draw, situation) => {
  const addr = { type: 'unix', data: { path: { newFile: 'reader.sock' } } };
  const started = only(command(draw, situation, 'nbd-server-start', { addr }));
  const node = { type: 'nbd', id: reader, 'node-name': reader };
  return started && [...started, ...(only(command(draw, situation, 'block-export-add', node)) ?? [])];
};

/** Somebody reads a node that the commit would take out of the chain, or takes what shows the right data away from readers. */
const inUseBetween = round(
  'reader in the middle',
  { arena: named(chain({ depth: 3 })) },
  (draw, situation) =>
    only(
      command(draw, situation, 'blockdev-add', {
        driver: 'raw',
        'node-name': reader,
        file: draw.oneOf(['mid1', 'mid1', 'base']),
        'read-only': true,
      }),
    ),
  exported,
  (draw, situation) => {
    const active = draw.chance(0.6) ? {} : { 'top-node': 'mid1' };
    return only(command(draw, situation, 'block-commit', { ...ofTop, 'base-node': 'base', ...active }));
  },
  (draw, situation) => only(command(draw, situation, 'block-export-del', { id: reader, mode: 'hard' })),
  (draw, situation) => only(command(draw, situation, 'blockdev-del', { 'node-name': reader })),
);

const filter = 'filter';
const overBase: ArenaNode = {
  driver: 'throttle',
  'node-name': filter,
  'throttle-group': 'group0',
  file: 'base',
};

const filterOverBase = round(
  'target over the base',
  { arena: (draw, binary) => withFilter(named(chain({ depth: draw.oneOf([2, 3] as const) }))(draw, binary)) },
  (draw, situation) =>
    only(
      command(draw, situation, 'blockdev-mirror', {
        ...ofTop,
        target: filter,
        sync: draw.oneOf(['top', 'full', 'none']),
      }),
    ),
);

/** No refusal: a filter stands in the chain, right over the base that a commit writes to. */
const filterBetween = round(
  'filter over the base',
  {
    suits: (binary) => offers({ binary }, 'blockdev-reopen'),
    arena: (draw, binary) =>
      withFilter(named(chain({ depth: draw.oneOf([2, 3, 3] as const) }))(draw, binary)),
  },
  (draw, situation) => {
    const over = situation.nodes.find(({ backing }) => backing === 'base');
    if (!over) return undefined;
    const options = { driver: 'qcow2', 'node-name': over.name, file: `${over.name}-file`, backing: filter };
    return only(command(draw, situation, 'blockdev-reopen', { options: [options] }));
  },
  (draw, situation) => {
    const hasMid = situation.nodes.some(({ name }) => name === 'mid1');
    const between = hasMid && draw.chance(0.5) ? { 'top-node': 'mid1' } : {};
    const base = draw.chance(0.7) ? { 'base-node': 'base' } : {};
    return only(command(draw, situation, 'block-commit', { ...ofTop, ...between, ...base }));
  },
);

const withFilter = ({ disks, ...arena }: ReturnType<ReturnType<typeof chain>>) => ({
  ...arena,
  disks,
  throttleGroups: ['group0'],
  nodes: [overBase],
});

/** A node of a size and without content, as a source: where it has no data, it does not say that there are zeroes. */
const voidSource = round(
  'source that holds nothing',
  {
    suits: (binary) => hasDriver(binary, 'null-co'),
    arena: (draw, binary) => {
      const { disks, ...arena } = pair()(draw, binary);
      const sized = disks.map((disk): Disk => ({ ...disk, sizeBytes: mebibyte }));
      const node = {
        driver: 'null-co',
        'node-name': 'void',
        size: mebibyte,
        'read-zeroes': draw.chance(0.3),
      };
      return { ...arena, disks: sized, nodes: [node] };
    },
  },
  (draw, situation) => {
    const [device, target] = draw.chance(0.8) ? ['void', { node: 'dst' }] : [{ disk: 'src' }, 'void'];
    const name = draw.oneOf(['blockdev-mirror', 'blockdev-mirror', 'blockdev-backup']);
    const args = { 'job-id': 'j0', device, target, sync: 'full', ...dismissed(draw) };
    return only(command(draw, situation, name, args as JsonObject));
  },
);

export const unfitStartRounds: readonly Flow[] = [
  otherSize,
  hugeBuffer,
  nameInUse,
  shortBase,
  inUseBetween,
  filterOverBase,
  filterBetween,
  voidSource,
];
