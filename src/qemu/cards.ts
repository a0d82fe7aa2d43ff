import type { Card, Cards, StartedJob } from './card.ts';
import { backupCommands } from './commands/backup.ts';
import { bitmapCommands } from './commands/bitmaps.ts';
import { cancelCommands } from './commands/cancel.ts';
import { changeCommands } from './commands/change.ts';
import { commitCommands } from './commands/commit.ts';
import { completeCommands } from './commands/complete.ts';
import { dismissCommands } from './commands/dismiss.ts';
import { exportCommands } from './commands/exports.ts';
import { finalizeCommands } from './commands/finalize.ts';
import { imageCommands } from './commands/images.ts';
import { mirrorCommands } from './commands/mirror.ts';
import { nodeCommands, otherNodeCommands } from './commands/nodes.ts';
import { otherCommands, queries } from './commands/others.ts';
import { pauseCommands } from './commands/pause.ts';
import { resumeCommands } from './commands/resume.ts';
import { setSpeedCommands } from './commands/set-speed.ts';
import { snapshotCommands } from './commands/snapshots.ts';
import { streamCommands } from './commands/stream.ts';

/** One card a command. A new command is a file in commands/ and a line here (CONTRIBUTING.md, "Add a QMP verb"). */
const known = {
  ...mirrorCommands,
  ...backupCommands,
  ...streamCommands,
  ...commitCommands,
  ...imageCommands,
  ...cancelCommands,
  ...pauseCommands,
  ...resumeCommands,
  ...completeCommands,
  ...finalizeCommands,
  ...dismissCommands,
  ...setSpeedCommands,
  ...changeCommands,
  ...nodeCommands,
  ...snapshotCommands,
  ...otherNodeCommands,
  ...bitmapCommands,
  transaction: { weight: 10 },
  ...exportCommands,
  ...otherCommands,
  ...queries,
} as const;

export const cards: Cards = known;

type Known = typeof known;
export type VerbName = {
  [Name in keyof Known]: Known[Name] extends { verb: { name: infer Verb } } ? Verb : never;
}[keyof Known];

export const cardOf = (command: string): Card | undefined =>
  Object.hasOwn(cards, command) ? cards[command] : undefined;

/** The job that a command starts; undefined for one that starts none. */
export const jobOf = (command: string): StartedJob | undefined => cardOf(command)?.job;

/** It asks, and changes nothing. */
export const isQuestion = (command: string): boolean =>
  command.startsWith('query-') || command === 'qmp_capabilities';

/** The commands with such a part, and the part. */
export const withPart = <Part extends keyof Card>(part: Part): [string, NonNullable<Card[Part]>][] =>
  Object.entries(cards).flatMap(([name, card]) => {
    const found = card[part];
    return found === undefined ? [] : [[name, found as NonNullable<Card[Part]>]];
  });
