import type { Disk } from '../../sequence/arena.ts';
import type { Step } from '../../sequence/step.ts';
import { type Feature, hasCommand, hasNode, onlyWhere, sends, someDisk, someStep } from './feature.ts';

const inEveryRole = (name: string, is: (disk: Disk) => boolean): Feature[] => [
  someDisk(`${name} as a base`, (disk, all) => is(disk) && all.some(({ backing }) => backing === disk.name)),
  someDisk(`${name} as a source`, (disk) => is(disk) && disk.name === 'src' && disk.backing === undefined),
  someDisk(`${name} as a target`, (disk) => is(disk) && disk.name === 'dst'),
];

const inImagesAndBases = (name: string, is: (disk: Disk) => boolean): Feature[] => [
  someDisk(name, is),
  someDisk(`${name} in a base`, (disk, all) => is(disk) && all.some(({ backing }) => backing === disk.name)),
];

/** Backing chains and image formats. */
export const chains: readonly Feature[] = [
  someDisk('a backing file', ({ backing }) => backing !== undefined),
  ...(['shorter', 'longer'] as const).map((is) =>
    someDisk(`a backing file that is ${is}`, ({ backing, sizeBytes }, all) =>
      all.some(
        (other) =>
          other.name === backing &&
          (is === 'shorter' ? other.sizeBytes < sizeBytes : other.sizeBytes > sizeBytes),
      ),
    ),
  ),
  someDisk('a backing file of no whole clusters', ({ backing }, all) =>
    all.some((other) => other.name === backing && other.sizeBytes % (other.clusterBytes ?? 65_536) !== 0),
  ),
  someDisk('a backing file of other clusters', ({ backing, clusterBytes = 65_536 }, all) =>
    all.some((other) => other.name === backing && (other.clusterBytes ?? 65_536) !== clusterBytes),
  ),
  someDisk(
    'a base of two disks',
    ({ name }, all) => all.filter(({ backing }) => backing === name).length > 1,
  ),
  someDisk('zero clusters over data', ({ zeroes, backing }) => zeroes !== undefined && backing !== undefined),
  ...inImagesAndBases('extended L2 entries', ({ qcow2 }) => qcow2?.extendedL2 === true),
  ...inImagesAndBases('compressed clusters', ({ qcow2 }) => qcow2?.compressed === true),
  ...inImagesAndBases('internal snapshots', ({ qcow2 }) => qcow2?.snapshots !== undefined),
  ...inImagesAndBases('preallocated metadata', ({ qcow2 }) => qcow2?.preallocation === 'metadata'),
  ...inImagesAndBases('preallocation by falloc', ({ qcow2 }) => qcow2?.preallocation === 'falloc'),
  ...inImagesAndBases('full preallocation', ({ qcow2 }) => qcow2?.preallocation === 'full'),
  ...(['luks', 'vmdk', 'vdi', 'qed'] as const).flatMap((format) =>
    onlyWhere(hasNode(format), ...inEveryRole(`a ${format} image`, (disk) => disk.format === format)),
  ),
  ...(['raw', 'qcow2'] as const).map((format) =>
    someDisk(
      `a base that is ${format}`,
      (disk, all) => disk.format === format && all.some(({ backing }) => backing === disk.name),
    ),
  ),
  ...inEveryRole('an encrypted qcow2 image', ({ qcow2 }) => qcow2?.encrypted === true),
  ...(['mapped', 'raw'] as const).flatMap((kind) =>
    inEveryRole(`a data file of its own, ${kind}`, ({ qcow2 }) => qcow2?.dataFile === kind),
  ),
  someDisk('a base that is read-only', ({ name, readOnly }, all) =>
    all.some(({ backing }) => backing === name && readOnly === true),
  ),
  someDisk('an implicit backing file', ({ name, open }, all) =>
    all.some(({ backing }) => backing === name && open === false),
  ),
  ...onlyWhere(
    hasCommand('human-monitor-command'),
    someStep("HMP's commit of all overlays", ({ step }) => argumentOf(step, 'command-line') === 'commit all'),
    someStep("HMP's commit of one drive", ({ step }) =>
      /^commit (?!all$)/.test(String(argumentOf(step, 'command-line'))),
    ),
    someStep("a drive of HMP's drive_add", ({ step }) =>
      /^drive_add /.test(String(argumentOf(step, 'command-line'))),
    ),
  ),
  someStep(
    'a commit of a layer below the active one',
    ({ step }) =>
      'qmp' in step &&
      step.qmp === 'block-commit' &&
      ['top-node', 'top'].some((name) => argumentOf(step, name) !== undefined),
  ),
  sends('blockdev-snapshot-internal-sync'),
  someDisk('a target with data in it', ({ name, fill = 'empty' }) => name === 'dst' && fill !== 'empty'),
];

const argumentOf = (step: Step, name: string): unknown => ('qmp' in step ? step.args?.[name] : undefined);
