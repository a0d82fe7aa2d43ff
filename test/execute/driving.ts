import { afterAll, beforeAll } from 'vitest';
import { execute } from '../../src/execute/execute.ts';
import { openSessions, type Sessions } from '../../src/execute/sessions/sessions.ts';
import { wordsOf } from '../../src/judge/facts/words.ts';
import { judge } from '../../src/judge/judge.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import { printSequence } from '../../src/sequence/print.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import { openRunRoot, type RunRoot } from '../../src/target/run-dir.ts';
import type { Observation, Trace } from '../../src/trace/observation.ts';
import type { Driven } from '../real/qemus.ts';

/** A sequence without what most tests don't care about. */
export type Part = { disks?: Sequence['arena']['disks']; steps: Step[] } & Partial<
  Pick<Sequence, 'after'> & Omit<Sequence['arena'], 'disks'>
>;

export type Ran = { trace: Trace; pristine: boolean; freeBytesLeft: number; rules: string[] };

/** One QEMU for the tests of a describe block, gone with the last of them. */
export function driving(driven: Driven): { run(part: Part): Promise<Ran>; sessions(): Sessions } {
  let root: RunRoot;
  let sessions: Sessions;
  beforeAll(async () => {
    root = await openRunRoot();
    sessions = openSessions({ ...driven, root, tool: { name: 'mirrorfuzz', version: 'test' } });
  });
  afterAll(async () => {
    await sessions.close();
    root.remove();
  });
  return {
    sessions: () => sessions,
    async run(part) {
      const sequence = asRead(part);
      const ran = await execute(sequence, await sessions.pristine(sequence));
      await sessions.giveBack(ran.pristine);
      return {
        ...ran,
        rules: judge(ran.trace).violations.map((each) => `${each.rule.name}: ${wordsOf(each)}`),
      };
    },
  };
}

function asRead({ disks = [], steps, after, ...arena }: Part): Sequence {
  const sequence: Sequence = { schema: 1, title: 'a test', arena: { ...arena, disks }, steps };
  return parseSequence(printSequence(after ? { ...sequence, after } : sequence), 'test');
}

type Kind = Observation['kind'];
type Of<K extends Kind> = Extract<Observation, { kind: K }>;

/** All observations of a kind, in order; of the guest, what its steps asked, and not what settling did. */
export function seen<K extends Kind>({ trace }: { trace: Trace }, kind: K): Of<K>[] {
  const settling = new Set(
    trace.flatMap((each) => (each.kind === 'guest-begin' && each.step === undefined ? [each.request] : [])),
  );
  const isOfSteps = (each: Observation): boolean =>
    (each.kind !== 'guest-begin' && each.kind !== 'guest-end') || !settling.has(each.request);
  return trace.filter((each): each is Of<K> => each.kind === kind && isOfSteps(each));
}

/** The reply to a step's command; of several commands, to the last. */
export function replyTo(ran: Ran, step: number): Of<'reply'> | undefined {
  const command = seen(ran, 'command').findLast((each) => each.step === step);
  return command && seen(ran, 'reply').find(({ id }) => id === command.id);
}

/** The arguments with which a step's command went out. */
export function argsOf(ran: Ran, step: number): Of<'command'>['args'] | undefined {
  return seen(ran, 'command').findLast((each) => each.step === step)?.args;
}

export function events(ran: Ran, name: string): Of<'event'>[] {
  return seen(ran, 'event').filter((each) => each.name === name);
}

export const awaited = (ran: Ran): string[] => seen(ran, 'await').map(({ outcome }) => outcome);
