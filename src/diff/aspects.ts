import { type OwnNames, ownNames } from '../findings/signature/names.ts';
import { plainWords } from '../findings/signature/words.ts';
import { verbAnswers } from '../judge/job/replies.ts';
import { readTrace } from '../judge/reading/read-trace.ts';
import type { QmpSchema } from '../qmp/schema.ts';
import type { Seen, Trace } from '../trace/observation.ts';
import { type Aspect, type AspectKind, schemaLacksIt } from './aspect.ts';
import { openEvents } from './event-aspects.ts';
import { membersOf } from './members.ts';

/**
 * What a trace shows that is worth comparing. Left out is what varies from run to run whatever the version: times,
 * figures, paths, QEMU's own names for nodes, and mirrorfuzz's own commands but for those that set the arena up.
 */
export const aspectsOf = (trace: Trace, schema?: QmpSchema): Aspect[] =>
  [...placedAspects(trace, schema).values()].map(({ aspect }) => aspect);

/** `at`: the observation that shows it. */
export type PlacedAspect = { aspect: Aspect; at: number };

/** The same by their keys, with where each is seen. */
export function placedAspects(trace: Trace, schema?: QmpSchema): Map<string, PlacedAspect> {
  const names = ownNames(trace);
  const aspects = new Map<string, PlacedAspect>();
  const mayDiffer = answeredEitherWay(trace, schema);
  const sent = openCommands();
  const events = openEvents(names, add);
  let phase = 'set-up';
  let step = -1;
  let place = 0;

  for (const [at, seen] of trace.entries()) {
    place = at;
    if (seen.kind === 'phase') {
      phase = seen.phase;
      if (phase !== 'set-up' && phase !== 'steps') step = Number.POSITIVE_INFINITY;
    }
    if (seen.kind === 'step') step = seen.step;
    if (seen.kind === 'command' && (phase === 'set-up' || isOfStep(seen.step))) sent.note(seen);
    if (seen.kind === 'command') events.command(seen);
    if (seen.kind === 'event') events.hear(seen, step);
    if (seen.kind === 'reply') reply(seen, at);
    else other(seen);
  }
  return aspects;

  /** While it waits, mirrorfuzz asks as often as it takes. */
  function isOfStep(step: number | undefined): boolean {
    const opened = trace[0];
    const at = opened?.kind === 'opened' && step !== undefined ? opened.sequence.steps[step] : undefined;
    return at !== undefined && 'qmp' in at;
  }

  /** Of what has one place the first that is seen counts. */
  function add(aspect: Aspect): void {
    if (!aspects.has(aspect.key)) aspects.set(aspect.key, { aspect, at: place });
  }

  function reply(seen: Extract<Seen, { kind: 'reply' }>, at: number): void {
    const command = sent.answeredBy(seen);
    if (!command) return;
    const { key, name } = command;
    const common = {
      step: command.step,
      subject: `reply to ${name}`,
      ...(mayDiffer.has(at) ? { mayDiffer: true as const } : {}),
    };
    add({ ...common, key: `${key} outcome`, what: 'outcome', value: outcomeOf(seen.error) });
    const within = [`${key} outcome`];
    if (seen.error) {
      const value = plainWords(seen.error.desc, names);
      add({ ...common, key: `${key} words`, what: 'words', value, within });
      return;
    }
    for (const { path, parent, subject, value } of membersOf(name, seen.return ?? null, names))
      add({
        ...common,
        key: `${key} member ${path}`,
        what: 'members',
        subject,
        value,
        within: [...within, ...(parent === undefined ? [] : [`${key} member ${parent}`])],
      });
  }

  function other(seen: Seen): void {
    const one = (what: AspectKind, key: string, subject: string, value: string): void =>
      add({ key: `${what} ${key}`, what, subject, value, step });
    switch (seen.kind) {
      case 'guest-end':
        one('guest', `${seen.request}`, 'guest request', endOf(seen, names));
        break;
      case 'fault':
        one('fault', `${seen.step}`, `fault ${seen.fault.fault}`, seen.outcome);
        break;
      case 'await':
        one('await', `${seen.step}`, 'await', seen.outcome === 'expired' ? 'expired' : 'over');
        break;
      case 'expired':
        one('process', `expired ${seen.what}`, 'deadline', `${seen.what} unanswered`);
        break;
      case 'leftover':
        one(
          'graph',
          seen.what,
          `left over: ${seen.what}`,
          seen.names
            .map((name) => plainWords(name, names))
            .sort()
            .join(', '),
        );
        break;
      case 'stderr':
        for (const line of seen.text.split('\n')) {
          const words = plainWords(line.trim().replace(/^\S*qemu\S*:( |$)/, ''), names);
          if (words !== '') one('stderr', words, `stderr: ${words}`, 'said');
        }
        break;
      case 'exit':
        one('process', 'exit', 'exit', seen.asked ? 'asked' : (seen.signal ?? `code ${seen.code}`));
        break;
      case 'image':
        one('image', `claim ${seen.claim}`, 'claim about an image', seen.outcome);
        break;
      case 'content':
        one('image', `content ${seen.claim} ${seen.image}`, 'content of an image', seen.sha256);
        if (seen.check)
          one('image', `check ${seen.claim} ${seen.image}`, 'qemu-img check', seen.check.outcome);
        break;
      case 'boot':
        one('image', `boot ${seen.claim}`, 'boot from an image', seen.outcome);
        break;
      case 'foreign':
        one('process', 'foreign', 'no message', seen.what);
        break;
      default:
        break;
    }
  }
}

/** The class of an error, and of GenericError whether it is about a member or a value that the schema does not have. */
function outcomeOf(error: Extract<Seen, { kind: 'reply' }>['error']): string {
  if (!error) return 'ok';
  return notInSchema.test(error.desc) ? schemaLacksIt : error.class;
}

/** QERR_INVALID_PARAMETER's kin of the QAPI visitors: what an older schema says of what a newer one has. */
const notInSchema = /^(Parameter '.*' is unexpected|Parameter '.*' does not accept value '.*')$/s;

/** The places of replies that the model allows, and others in their place. */
function answeredEitherWay(trace: Trace, schema: QmpSchema | undefined): Set<number> {
  const places = readTrace(trace, schema).flatMap(({ inOurWords }) =>
    inOurWords
      ? verbAnswers(inOurWords.evidence).flatMap(({ at, undecided }) =>
          undecided === 'several answers' ? [inOurWords.placeSeen(at)] : [],
        )
      : [],
  );
  return new Set(places);
}

type Command = { key: string; name: string; step: number };

/** Which command a reply answers, and the place of that command: its step, its name, and the how many-th of it there. */
function openCommands() {
  const waiting = new Map<string, Command[]>();
  const counts = new Map<string, number>();
  return {
    note({ id, name, step = -1 }: Extract<Seen, { kind: 'command' }>): void {
      const place = `${step} ${name}`;
      const nth = (counts.get(place) ?? 0) + 1;
      counts.set(place, nth);
      const key = JSON.stringify(id);
      waiting.set(key, [...(waiting.get(key) ?? []), { key: `${place} ${nth}`, name, step }]);
    },
    answeredBy: ({ id }: Extract<Seen, { kind: 'reply' }>): Command | undefined =>
      id === undefined ? undefined : waiting.get(JSON.stringify(id))?.shift(),
  };
}

const endOf = ({ result, text }: Extract<Seen, { kind: 'guest-end' }>, names: OwnNames): string =>
  result === 'error' && text !== undefined ? `error: ${plainWords(text, names)}` : result;
