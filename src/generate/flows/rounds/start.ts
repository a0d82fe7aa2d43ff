import type { JsonObject } from '../../../sequence/json-object.ts';
import type { QmpStep } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import type { Draw } from '../../draw.ts';
import type { Situation } from '../../situation.ts';
import { knownMembers } from '../../steps/command.ts';
import type { StepMaker } from '../../steps/families.ts';
import { startBackup } from '../../steps/start-backup.ts';
import { startCommit } from '../../steps/start-commit.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import { startStream } from '../../steps/start-stream.ts';

/** One job of any kind, each as likely as the others: a round is about all of them. */
export function startOne(
  draw: Draw,
  situation: Situation,
  options: (draw: Draw, command: string) => JsonObject,
): QmpStep[] | undefined {
  const wanted = draw.oneOf(starters);
  const [step] = wanted(draw, situation) ?? startMirror(draw, situation) ?? [];
  if (!step || !('qmp' in step)) return undefined;
  const info = situation.binary.schema.commands.get(step.qmp);
  const asked = options(draw, step.qmp);
  const known = info ? knownMembers(situation.binary.schema, asked, info.args) : {};
  return [{ ...step, args: { ...step.args, ...known } }];
}

const starters: [StepMaker, ...StepMaker[]] = [
  startMirror,
  startMirror,
  startBackup,
  startCommit,
  startStream,
];

/** With something in each disk to copy: a job that is through at once shows nothing. */
export const filled =
  (maker: ArenaMaker): ArenaMaker =>
  (draw, binary) => {
    const { disks, ...arena } = maker(draw, binary);
    const sizeOf = (sizeBytes: number): number => (sizeBytes === 0 ? 2 ** 20 : sizeBytes);
    return {
      ...arena,
      disks: disks.map((disk) => ({
        ...disk,
        sizeBytes: sizeOf(disk.sizeBytes),
        ...(disk.name === 'src' && disk.fill === 'empty' ? { fill: 'seeded' as const } : {}),
      })),
    };
  };
