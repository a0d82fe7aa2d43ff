import { jobCommands, wellFormed } from '../../model/job-commands.ts';
import type { Expected } from '../../model/verb.ts';
import { anyWorld, distinct, freshWorld, type World } from '../../model/world.ts';
import { cardOf, type VerbName } from '../../qemu/cards.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Due } from '../facts/reply.ts';
import { gotOf } from '../facts/reply.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, stopsOf } from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';

const verbReply: Rule = {
  name: 'state/verb-reply',
  kind: 'state',
  statement:
    'A command about a job is answered as it must be for some status that the job had while the command was handled, and some past that fits all earlier answers.',
  source:
    'we expect it: job.c, JobVerbTable and job_apply_verb, and blockdev.c, qmp_block_job_cancel, say so; every status x verb tried',
};

export const stateReplies: RuleFamily = {
  rules: [verbReply],
  judge: (evidence, ledger) =>
    verbAnswers(evidence).flatMap(({ violation, undecided }) => {
      if (undecided) ledger.undecided(verbReply, undecided);
      else if (!violation) ledger.held(verbReply);
      return !undecided && violation ? [violation] : [];
    }),
};

/**
 * How a verb on a job was answered. `pasts`: the worlds that the job may have been in before; none where these are not
 * known. `undecided`: why the answer could be right whatever it was.
 */
export type VerbAnswer = {
  /** Place of the reply. */
  at: Place;
  verb: VerbName;
  outcome: string;
  pasts: readonly World[];
  violation: Violation | undefined;
  undecided: WhyUndecided | Cause | undefined;
};

const known = new WeakMap<Evidence, VerbAnswer[]>();

/** Worked out once for each trace. */
export function verbAnswers(evidence: Evidence): VerbAnswer[] {
  const before = known.get(evidence);
  if (before) return before;
  const answers = followVerbs(evidence);
  known.set(evidence, answers);
  return answers;
}

/**
 * Linearizability over each command's interval: the worlds in which all answers so far make sense are carried along,
 * fork where QEMU may have done either and are filtered by the next answer; the empty set is the violation.
 */
function followVerbs(evidence: Evidence): VerbAnswer[] {
  const { unknown } = disturbancesOf(evidence);
  const worlds = new Map<JobHistory, World[]>();
  const stops = stopErrors(evidence);
  const usesIothread = (evidence.opened.sequence.arena.iothreads ?? []).length > 0;
  return evidence.exchanges.flatMap((exchange): VerbAnswer[] => {
    const command = jobCommands[exchange.name];
    const reply = replyOf(evidence, exchange);
    if (!command || !reply || exchange.oob || !wellFormed(exchange.name, exchange.args)) return [];
    // A QEMU that has not the command; whether it should is another rule's matter.
    if (reply.error?.class === 'CommandNotFound' && !evidence.schema?.commands.has(exchange.name)) return [];
    const id = exchange.args[command.idArgument] as string;
    return answer(exchange, id);
  });

  function answer(exchange: Exchange, id: string): VerbAnswer[] {
    const { reply: at } = exchange;
    const reply = replyOf(evidence, exchange);
    const command = jobCommands[exchange.name];
    if (at === undefined || !reply || !command) return [];
    const life = jobsOf(evidence).lifeAt(id, at);
    // A job that never was is for validation/unknown-job.
    if (!life) return [];
    const before = worlds.get(life) ?? [freshWorld];
    const sure = at < unknown.from && !life.options.grouped;
    const { candidates, stoppedMeanwhile } = withStops(before, life, exchange);
    const statuses = jobsOf(evidence).foundWithin(id, exchange.notBefore, at);
    const replacedGone = replacedNodeGone(evidence, life, at);
    const after: World[] = [];
    const expected: Expected[] = [];
    for (const world of sure ? candidates : anyWorld) {
      for (const status of statuses) {
        const { args } = exchange;
        const { version } = evidence.opened.qemu;
        const { spelling } = command;
        const outcomes = possibleTypes(life).flatMap((type) =>
          command.verb.expect({ id, world, status, args, version, type, spelling, replacedGone }),
        );
        for (const outcome of outcomes) {
          expected.push(outcome);
          if (fits(outcome, reply.error)) after.push('ok' in outcome ? outcome.ok : world);
        }
      }
    }
    // A stop inside the interval may as well have come after the handler, and then it is in force now.
    const now = stoppedMeanwhile ? after.flatMap((world) => [world, { ...world, userPaused: true }]) : after;
    worlds.set(life, now.length > 0 ? distinct(now) : [...anyWorld]);
    const answered = {
      at,
      verb: command.verb.name,
      outcome: reply.error?.class ?? 'ok',
      pasts: sure ? candidates : [],
    };
    const undecided = evidence.isRetoldAcrossRestart ? ('dialect across a restart' as const) : undefined;
    if (after.length > 0) {
      const why = at >= unknown.from ? unknown : !sure ? 'grouped' : mayBeEither(expected);
      return [{ ...answered, violation: undefined, undecided: undecided ?? why }];
    }
    const facts: Fact = {
      shape: 'reply',
      command: exchange.name,
      why: { is: 'job', id, type: life.options.type, statuses },
      due: expected.map(dueOf),
      got: gotOf(reply),
    };
    const { step } = exchange;
    return [
      {
        ...answered,
        violation: { rule: verbReply, at, ...(step === undefined ? {} : { step }), facts },
        undecided,
      },
    ];
  }

  /** An error policy of stop pauses the job in the user's name; inside the interval it may or may not have yet. */
  function withStops(
    before: readonly World[],
    life: JobHistory | undefined,
    { notBefore, reply }: Exchange,
  ): { candidates: readonly World[]; stoppedMeanwhile: boolean } {
    const known = life && stops.get(life);
    const until = known ? lastBefore(known.places, reply ?? 0, (at) => at) + 1 : 0;
    if (!known || until <= known.passed) return { candidates: before, stoppedMeanwhile: false };
    const relevant = known.places.slice(known.passed, until);
    known.passed = until;
    const stopped = before.map((world) => ({ ...world, userPaused: true }));
    // In an iothread the event is sent a moment before the pause is noted, and a handler may come between.
    const stoppedMeanwhile = usesIothread || relevant.some((at) => at >= notBefore);
    return { candidates: stoppedMeanwhile ? distinct([...before, ...stopped]) : stopped, stoppedMeanwhile };
  }
}

/** What the job's target is to take the place of, where a command may have taken that away since the job began. */
function replacedNodeGone(
  { bySent, exchanges, trace }: Evidence,
  { startedBy }: JobHistory,
  until: Place,
): string | undefined {
  const replaces = bySent.get(startedBy ?? -1)?.args.replaces;
  if (startedBy === undefined || typeof replaces !== 'string') return undefined;
  const goes = exchanges.some(({ sent, name, args, reply }) => {
    if (sent < startedBy || sent > until) return false;
    const answer = trace[reply ?? -1];
    if (answer?.kind === 'reply' && answer.error) return false;
    const change = cardOf(name)?.change;
    return change?.kind === 'deletes node' && args[change.node] === replaces;
  });
  return goes ? replaces : undefined;
}

/** Where success and an error are both right, the answer says nothing. */
const mayBeEither = (expected: readonly Expected[]): WhyUndecided | undefined =>
  new Set(expected.map((outcome) => 'ok' in outcome)).size > 1 ? 'several answers' : undefined;

/** Of a job whose start was not seen it is unknown whether it is a block job; nothing else depends on the type. */
const possibleTypes = ({ options: { type } }: JobHistory): string[] =>
  type === undefined ? ['mirror', 'create'] : [type];

/** Where a job was stopped by an error, in order, and how many of these lie behind. */
type Stops = { places: readonly number[]; passed: number };

function stopErrors(evidence: Evidence): Map<JobHistory, Stops> {
  const stops = new Map<JobHistory, Stops>();
  for (const life of jobsOf(evidence).lives) {
    const places = stopsOf(life).map(({ at }) => at);
    if (places.length > 0) stops.set(life, { places, passed: 0 });
  }
  return stops;
}

function fits(outcome: Expected, error: { class: string; desc: string } | undefined): boolean {
  if ('ok' in outcome) return error === undefined;
  if (!error || error.class !== outcome.error) return false;
  return outcome.desc === undefined || sameMeaning(outcome.desc, error.desc);
}

/**
 * Words are QEMU's own and change with versions, so they count only where they state a fact: which status, which verb,
 * paused or not. A text that states none of the facts known here may mean anything of its class.
 */
function sameMeaning(expected: string, got: string): boolean {
  const known = telling.find((pattern) => pattern.test(got));
  if (!known) return true;
  return known.test(expected) && (known !== telling[0] || stated(expected) === stated(got));
}

const telling = [
  /in state '(\w+)' cannot accept command verb '([\w-]+)'/,
  /already paused/,
  /was not paused/,
  /is currently paused/,
  /cannot be completed/,
  /not found/,
  /non-negative/,
] as const;

function stated(text: string): string {
  const match = telling[0].exec(text);
  return match ? `${match[1]} ${match[2]}` : '';
}

function dueOf(outcome: Expected): Due {
  if ('ok' in outcome) return 'success';
  return { class: outcome.error, ...(outcome.desc === undefined ? {} : { desc: outcome.desc }) };
}
