import type { Dialect } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { DeviceJob, DeviceJobs, JobEnd } from './device-jobs.ts';

/**
 * One command of the client, carried out in QEMU's words: it asks QEMU, waits for jobs, and returns the client's
 * answer. It knows no socket: whoever runs it sends what it yields, and hands it what comes.
 */
export type Translation = Generator<Move, TranslatedAnswer, Heard>;
export type Translate = (args: Args, world: DeviceWorld) => Translation;

/** What translations share while a client is there. */
export type DeviceWorld = { dialect: Dialect; jobs: DeviceJobs };

export type Args = Record<string, Json>;
export type TranslatedAnswer = { return: Json } | { error: Failure };
/** `data`: RHEL 6 put the figures of the text beside it. */
export type Failure = { class: string; desc: string; data?: Args };

export type Move = { kind: 'ask'; name: string; args: Args } | { kind: 'await-end'; job: DeviceJob };
export type Heard = TranslatedAnswer | JobEnd;

/** QEMU's own answer. */
export function* ask(name: string, args: Args = {}): Generator<Move, TranslatedAnswer, Heard> {
  return (yield { kind: 'ask', name, args }) as TranslatedAnswer;
}

export function* endOf(job: DeviceJob): Generator<Move, JobEnd, Heard> {
  return (yield { kind: 'await-end', job }) as JobEnd;
}

/**
 * Refuses a command that QEMU is never sent. QEMU is asked all the same: an answer must not overtake those of the
 * commands before it, and where capabilities are still to be negotiated its refusal comes first.
 */
export function* refuse(error: Failure): Translation {
  const answer = yield* ask('query-version');
  return 'error' in answer ? answer : { error };
}
