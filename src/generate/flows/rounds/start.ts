import type { JsonObject } from '../../../sequence/json-object.ts';
import type { QmpStep, Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import type { Draw } from '../../draw.ts';
import { limits } from '../../limits.ts';
import type { Situation } from '../../situation.ts';
import { knownMembers } from '../../steps/command.ts';
import type { StepMaker } from '../../steps/families.ts';
import { startBackup } from '../../steps/start-backup.ts';
import { startCommit } from '../../steps/start-commit.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import { startStream } from '../../steps/start-stream.ts';

/** One job of any kind that this arena has a use for, each as likely as the others: a round is about all of them. */
export function startOne(
  draw: Draw,
  situation: Situation,
  options: (draw: Draw, command: string) => JsonObject,
  makers: [StepMaker, ...StepMaker[]] = starters,
): QmpStep[] | undefined {
  const step = drawnStart(draw, situation, makers);
  if (!step || !('qmp' in step)) return undefined;
  const info = situation.binary.schema.commands.get(step.qmp);
  const asked = options(draw, step.qmp);
  const known = info ? knownMembers(situation.binary.schema, asked, info.args) : {};
  return [{ ...step, args: { ...step.args, ...known } }];
}

function drawnStart(draw: Draw, situation: Situation, makers: [StepMaker, ...StepMaker[]]): Step | undefined {
  for (let attempt = 0; attempt < limits.startAttempts; attempt++) {
    const [step] = draw.oneOf(makers)(draw, situation) ?? [];
    if (step) return step;
  }
  return startMirror(draw, situation)?.[0];
}

/** The kinds of jobs that a round is about; two in five are mirrors. */
export const starters: [StepMaker, ...StepMaker[]] = [
  startMirror,
  startMirror,
  startBackup,
  startCommit,
  startStream,
];

/** With something in the source to copy, mostly in all of it: what is not there can't be lost. */
export const filled =
  (maker: ArenaMaker): ArenaMaker =>
  (draw, binary) => {
    const { disks, ...arena } = maker(draw, binary);
    const fill = draw.oneOf(['full', 'full', 'seeded'] as const);
    return {
      ...arena,
      disks: disks.map((disk) => ({
        ...disk,
        sizeBytes: disk.sizeBytes === 0 ? 2 ** 20 : disk.sizeBytes,
        // An overlay is filled in part, so that what stands below it is seen, too.
        ...(disk.name === 'src' ? { fill: disk.backing === undefined ? fill : ('seeded' as const) } : {}),
      })),
    };
  };

/** Every image by a node of its own, so that each can be named, and made to fail: a drive opens what is below it itself. */
export const named =
  (maker: ArenaMaker): ArenaMaker =>
  (draw, binary) => {
    const { disks, ...arena } = maker(draw, binary);
    return {
      ...arena,
      disks: disks.map(({ open: _, ...disk }) =>
        disk.frontend === 'auto' ? { ...disk, frontend: 'nbd' as const } : disk,
      ),
    };
  };
