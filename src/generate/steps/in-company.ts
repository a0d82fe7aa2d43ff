import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { jobReference, type Situation } from '../situation.ts';
import { command, only } from './command.ts';
import { lookAtJobs } from './query.ts';

/** Two verbs in their order, the second while the first still flushes, drains or pauses: what it may do then is QEMU's to know. */
export type Pair = { name: string; first: Ask; second: Ask };
type Ask = { command: string; id: 'device' | 'id'; with?: JsonObject };

const ask = (command: string, more?: JsonObject): Ask => ({
  command,
  id: command.startsWith('block-') ? 'device' : 'id',
  ...(more ? { with: more } : {}),
});
const soft = ask('block-job-cancel');
const forced = ask('block-job-cancel', { force: true });
const complete = ask('job-complete');

export const pairs: readonly [Pair, ...Pair[]] = [
  { name: 'a soft cancel after a forced one', first: forced, second: soft },
  { name: 'a complete after a cancel', first: soft, second: ask('block-job-complete') },
  { name: 'a complete after a forced cancel', first: ask('job-cancel'), second: complete },
  { name: 'a pause after a complete', first: complete, second: ask('job-pause') },
  { name: 'a second complete', first: complete, second: ask('block-job-complete') },
  { name: 'a dismiss while it still flushes', first: soft, second: ask('job-dismiss') },
  { name: 'a finalize while it still flushes', first: complete, second: ask('job-finalize') },
];

/** One of the pairs, one right behind the other as a rule; often both are on their way before the first is answered. */
export function inCompany(draw: Draw, situation: Situation, job: GuessedJob): Step[] {
  const { first, second } = draw.oneOf(pairs);
  const reference = jobReference(situation, job);
  const [one, other] = [first, second].map((each) => send(draw, situation, each, reference));
  const isAtOnce = draw.chance(0.5);
  return [
    ...(one ?? []).map((step): Step => (isAtOnce && 'qmp' in step ? { ...step, wait: false } : step)),
    ...(other ?? []),
    ...lookAtJobs(draw, situation, 0.3),
  ];
}

const send = (draw: Draw, situation: Situation, { command: name, id, with: more }: Ask, job: Json): Step[] =>
  only(command(draw, situation, name, { [id]: job, ...more })) ?? [];
