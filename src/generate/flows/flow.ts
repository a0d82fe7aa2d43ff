import type { Step } from '../../sequence/step.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { limits } from '../limits.ts';
import type { Binary, Situation } from '../situation.ts';
import { command, only } from '../steps/command.ts';
import type { StepMaker } from '../steps/families.ts';

/** What a management tool does, in its order. In the holes between its parts come steps of the property's families. */
export type Flow = {
  name: string;
  /** How often it is drawn beside the others; 1 where nothing is said. */
  weight?: number;
  /** Whether that binary can go through it; any can where nothing is said. */
  suits?: (binary: Binary) => boolean;
  arena: ArenaMaker;
  /** Drawn once for a sequence: what is chosen here holds for all parts. */
  parts: (draw: Draw, binary: Binary) => readonly Part[];
};

/** A part sees the situation as it is by then, and makes nothing where its time is past. */
export type Part = StepMaker | 'hole';

/** A flow that the binary can go through; undefined where there is none. */
export const drawFlow = (draw: Draw, binary: Binary, flows: readonly Flow[]): Flow | undefined =>
  draw.weighted(
    flows.filter(({ suits }) => suits?.(binary) ?? true).map((flow) => [flow.weight ?? 1, flow] as const),
  );

/** The flow's job while it is believed to live: a hole may have ended it. */
export const living = ({ jobs }: Situation, id: string): GuessedJob | undefined =>
  jobs.find((job) => job.id === id);

/** One command, always in the same words. */
export const send =
  (name: string, args: Parameters<typeof command>[3] = {}): Part =>
  (draw, situation) =>
    only(command(draw, situation, name, args));

/** Several parts as one, without a hole between them. */
export const together =
  (...parts: readonly StepMaker[]): Part =>
  (draw, situation) =>
    parts.flatMap((part) => part(draw, situation) ?? []);

/** Only in a part of the sequences. */
export const sometimes = (draw: Draw, chance: number, ...parts: readonly Part[]): readonly Part[] =>
  draw.chance(chance) ? parts : [];

/** What held a job back is taken away, and it is waited for. */
export const untilReady =
  (id: string): Part =>
  (draw, situation) =>
    living(situation, id) && [
      ...freed(draw, situation, id),
      { await: 'READY', job: id, deadlineMs: limits.finishMirrorDeadlineMs },
    ];

export const untilGone =
  (id: string): Part =>
  (_, situation) =>
    living(situation, id) && [{ await: 'gone', job: id, deadlineMs: limits.finishMirrorDeadlineMs }];

/** From then on a write of the guest is done when the target has it, too. */
export const writeBlocking =
  (id: string): Part =>
  (draw, situation) =>
    living(situation, id) &&
    only(command(draw, situation, 'block-job-change', { id, type: 'mirror', 'copy-mode': 'write-blocking' }));

/** By NBD, for a client that reads it; nobody connects. */
export const exportByNbd =
  (node: string, id: string): Part =>
  (draw, situation) => [
    ...(situation.nbdServer
      ? []
      : (only(
          command(draw, situation, 'nbd-server-start', {
            addr: { type: 'unix', data: { path: { newFile: `${id}.sock` } } },
            ...draw.sometimes(0.3, { 'max-connections': draw.oneOf([0, 1, 100]) }),
          }),
        ) ?? [])),
    ...(only(
      command(draw, situation, 'block-export-add', {
        id,
        type: 'nbd',
        'node-name': node,
        name: id,
        writable: false,
      }),
    ) ?? []),
  ];

/** Libvirt keeps its jobs until it has seen how they ended, and dismisses them then. */
export const untilDismissed =
  (id: string): Part =>
  (draw, situation) => [
    ...freed(draw, situation, id),
    { await: 'concluded', job: id, deadlineMs: limits.finishMirrorDeadlineMs },
    ...(only(command(draw, situation, 'query-jobs')) ?? []),
    ...(only(command(draw, situation, 'job-dismiss', { id })) ?? []),
  ];

function freed(draw: Draw, situation: Situation, id: string): Step[] {
  const job = living(situation, id);
  if (!job?.held || job.endless) return [];
  return only(command(draw, situation, 'block-job-set-speed', { device: id, speed: 0 })) ?? [];
}
