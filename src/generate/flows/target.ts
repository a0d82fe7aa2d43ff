import { hasTrait } from '../../qemu/versions.ts';
import { isEncrypted } from '../../sequence/arena.ts';
import { diskKey } from '../../sequence/disk-key.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { command, hasDriver, only } from '../steps/command.ts';
import type { StepMaker } from '../steps/families.ts';

/** The image that a copy goes to, as an arena has it: a file that nothing has opened. */
export const copyDisk = 'copy';

/** The two nodes that libvirt opens an image with. */
export const storageNode = 'copy-storage';
export const formatNode = 'copy-format';

export type TargetKind = 'made outside' | 'made by jobs' | 'other format';

/**
 * Opens the target of a copy. `made outside`: by qemu-img, or reused as it is; `made by jobs`: two blockdev-create jobs,
 * one for the file and one for the format; `other format`: encrypted, of another tool, or with a data file. `backing`: what
 * a shallow copy stands on.
 */
export const openTarget = (kind: TargetKind, backing: string | undefined): StepMaker => {
  switch (kind) {
    case 'made outside':
      return madeOutside(backing);
    case 'made by jobs':
      return madeByJobs(backing);
    case 'other format':
      return madeOtherwise;
  }
};

/** How the target is closed again where the copy was given up. */
export const closeTarget: StepMaker = (draw, situation) =>
  [
    formatNode,
    storageNode,
    ...situation.nodes.flatMap(({ name }) => (name === dataNode ? [name] : [])),
  ].flatMap((node) => only(command(draw, situation, 'blockdev-del', { 'node-name': node })) ?? []);

const madeOutside =
  (backing: string | undefined): StepMaker =>
  (draw, situation) => {
    const format = situation.arena.disks.find(({ name }) => name === copyDisk)?.format ?? 'qcow2';
    return [
      ...addFile(draw, situation, { path: copyDisk }),
      ...addFormat(draw, situation, format, format === 'raw' ? {} : { backing: backing ?? null }),
    ];
  };

const madeByJobs =
  (backing: string | undefined): StepMaker =>
  (draw, situation) => {
    const size = sourceBytes(situation);
    const file: Json = { newFile: 'made.qcow2' };
    const clusters = draw.sometimes(0.3, { 'cluster-size': draw.oneOf([512, 4096, 65_536, 2 ** 21]) });
    return [
      ...create(draw, situation, 'create-storage', { driver: 'file', filename: file, size: 0 }),
      ...addFile(draw, situation, file),
      ...create(draw, situation, 'create-format', {
        driver: 'qcow2',
        file: storageNode,
        size,
        ...clusters,
        ...(backing === undefined ? {} : { 'backing-file': `${backing}.qcow2`, 'backing-fmt': 'qcow2' }),
        ...draw.sometimes(0.95, {
          preallocation: draw.oneOf(['off', 'metadata', 'metadata', 'falloc', 'falloc', 'full', 'full']),
        }),
      }),
      ...addFormat(draw, situation, 'qcow2', { backing: backing ?? null }),
    ];
  };

const madeOtherwise: StepMaker = (draw, situation) => {
  const kinds = ['luks', 'vmdk', 'vdi', 'qed'].filter((driver) => hasDriver(situation.binary, driver));
  // To derive a key costs QEMU a second and more: LUKS is little more than the others, which more flows have.
  const kind =
    draw.weighted(
      ['encrypted qcow2', 'data file', ...kinds].map((each) => [each === 'luks' ? 1.5 : 1, each]),
    ) ?? 'data file';
  const secret = { data: diskKey.data };
  const props = hasTrait(situation.binary.version, 'plain object-add') ? secret : { props: secret };
  const key = { 'key-secret': diskKey.id };
  const isSealed = kind === 'luks' || kind === 'encrypted qcow2';
  const wantsKey = isSealed && !situation.arena.disks.some(isEncrypted);
  const driver = kinds.includes(kind) ? kind : 'qcow2';
  const sealed = { format: 'luks', ...key };
  const options = kind === 'luks' ? key : kind === 'encrypted qcow2' ? { encrypt: sealed } : {};
  const data = kind === 'data file' ? { 'data-file': dataNode } : {};
  const isRaw = draw.sometimes(0.5, { 'data-file-raw': true });
  const size = sourceBytes(situation);
  return [
    ...(wantsKey
      ? (only(command(draw, situation, 'object-add', { 'qom-type': 'secret', id: diskKey.id, ...props })) ??
        [])
      : []),
    ...addFile(draw, situation, { path: copyDisk }),
    ...(kind === 'data file' ? dataFile(draw, situation) : []),
    ...create(draw, situation, 'create-format', {
      driver,
      file: storageNode,
      size: size - (size % 512),
      ...(kind === 'luks' ? { ...key, 'iter-time': 10 } : {}),
      ...(kind === 'encrypted qcow2' ? { encrypt: { ...sealed, 'iter-time': 10 } } : {}),
      ...(kind === 'data file' ? { ...data, ...isRaw } : {}),
    }),
    ...addFormat(draw, situation, driver, { ...options, ...data }),
  ];
};

const dataNode = 'copy-data';

const dataFile = (draw: Draw, situation: Situation): Step[] => {
  const filename = { newFile: 'made.data' };
  return [
    ...create(draw, situation, 'create-data', { driver: 'file', filename, size: 0 }),
    ...(only(command(draw, situation, 'blockdev-add', { driver: 'file', 'node-name': dataNode, filename })) ??
      []),
  ];
};

/** A plain job: it stays until it is dismissed. */
function create(draw: Draw, situation: Situation, id: string, options: JsonObject): Step[] {
  const made = command(draw, situation, 'blockdev-create', { 'job-id': id, options });
  if (!made) return [];
  return [
    made,
    { await: 'concluded', job: id, deadlineMs: limits.createDeadlineMs },
    ...(only(command(draw, situation, 'job-dismiss', { id })) ?? []),
  ];
}

const addFile = (draw: Draw, situation: Situation, filename: Json): Step[] =>
  only(
    command(draw, situation, 'blockdev-add', {
      driver: 'file',
      'node-name': storageNode,
      filename,
      ...draw.sometimes(0.7, { 'auto-read-only': true, discard: 'unmap' }),
    }),
  ) ?? [];

const addFormat = (draw: Draw, situation: Situation, driver: string, more: JsonObject): Step[] =>
  only(
    command(draw, situation, 'blockdev-add', {
      driver,
      'node-name': formatNode,
      file: storageNode,
      ...draw.sometimes(0.5, {
        discard: 'unmap',
        'detect-zeroes': draw.oneOf(['off', 'on', 'unmap'] as const),
      }),
      ...more,
    }),
  ) ?? [];

/** What the copied disk has; it is the last of its chain. */
const sourceBytes = ({ arena, nodes }: Situation): number =>
  (nodes.find(({ name }) => name === 'src') ?? arena.disks[0])?.sizeBytes ?? 0;
