import { isWithin } from '../qemu/versions.ts';
import type { QmpSchema } from '../qmp/schema.ts';
import type { Trace } from '../trace/observation.ts';
import { nowhere, type Place } from '../trace/place.ts';
import { claims } from './claim/claims.ts';
import { crash, hungUpAt } from './crash.ts';
import { dialectRules } from './dialect/dialect.ts';
import { graphRules } from './graph/graph.ts';
import { cbwErrors } from './guest/cbw-errors.ts';
import { cbwTimeouts } from './guest/cbw-timeout.ts';
import { guestErrors } from './guest/guest-error.ts';
import { targetBoots } from './guest/target-boots.ts';
import { announcedEffects } from './hang/announced.ts';
import { effects } from './hang/effects.ts';
import { guestRequests } from './hang/guest-request.ts';
import { hang } from './hang/hang.ts';
import { noProgress } from './hang/no-progress.ts';
import { resume } from './hang/resume.ts';
import { stalledJobs } from './hang/stalled.ts';
import { imageCorrupted } from './integrity/image-corrupted.ts';
import { integrity } from './integrity/integrity.ts';
import { state } from './job/job.ts';
import { explainedByLeak } from './leak/consequences.ts';
import { leak } from './leak/leak.ts';
import { heldByProcess } from './leak/process.ts';
import { allUndecided, type Ledger, type OpenLedger, openLedger, type Verdict } from './ledger.ts';
import { killedByOthers } from './reading/killed.ts';
import { type ReadLife, readTrace } from './reading/read-trace.ts';
import type { FindingKind, Rule, RuleFamily, Violation } from './rule.ts';
import { sanitizer } from './sanitizer.ts';
import { validation } from './validation/validation.ts';
import { protocol } from './wire/wire.ts';

/** Adding a rule family means adding its file and its line here. The most serious stand first. */
const families: readonly RuleFamily[] = [
  crash,
  sanitizer,
  integrity,
  targetBoots,
  imageCorrupted,
  hang,
  guestErrors,
  cbwErrors,
  cbwTimeouts,
  guestRequests,
  resume,
  effects,
  announcedEffects,
  noProgress,
  stalledJobs,
  protocol,
  state,
  validation,
  graphRules,
  dialectRules,
  claims,
  leak,
  heldByProcess,
];

/** They know what the images hold, and how large they are, by the arena: what another QEMU left they can't tell. */
const restOnFreshImages: ReadonlySet<RuleFamily> = new Set([stalledJobs, validation, graphRules]);

/** They are about what the sequence's author wrote, so a session in a dialect is read as it was spoken. */
const inOwnWords: ReadonlySet<RuleFamily> = new Set([dialectRules, claims]);

/** `violations`: most serious first. `verdicts`: one for each rule that had something to rule on. */
export type Judgement = { violations: Violation[]; verdicts: Verdict[] };

/**
 * What the rules say of a trace. A crash explains what follows it and what follows the monitor's end that it brought,
 * so of that only the crash counts; a SIGKILL that is not ours explains all that follows; a hang explains the hangs
 * after it; a leak explains what can't be used or removed because of it; a rule broken again by the same facts is told once.
 */
export function judge(trace: Trace, schema?: QmpSchema): Judgement {
  const ledger = openLedger();
  const found = readTrace(trace, schema).flatMap((life) => judgeLife(life, ledger));
  const first = (kind: FindingKind): number =>
    Math.min(...found.flatMap(({ rule, at }) => (rule.kind === kind ? [at] : [])));
  const crashedAt = hungUpAt(trace, first('crash'));
  const killedAt = hungUpAt(trace, killedByOthers(trace) ?? nowhere);
  const hungAt = first('hang');
  const told = new Set<string>();
  const isOfLeak = explainedByLeak(found);
  const violations = found.filter((violation) => {
    const { rule, at } = violation;
    const explained =
      at >= killedAt
        ? 'killed by others'
        : rule.kind !== 'crash' && at >= crashedAt
          ? 'after a crash'
          : undefined;
    if (explained) {
      ledger.undecided(rule, explained);
      return false;
    }
    ledger.broken(rule);
    if (rule.kind === 'hang' && at > hungAt) return false;
    if (isOfLeak(violation)) return false;
    const ways = [alike(violation), ...replyBroken(violation)];
    if (ways.some((each) => told.has(each))) return false;
    for (const each of ways) told.add(each);
    return true;
  });
  return { violations, verdicts: ledger.verdicts() };
}

/** What one QEMU of the trace breaks. What a rule that is not for it would have ruled on is undecided. */
function judgeLife({ isFirst, inOurWords, asSpoken }: ReadLife, ledger: OpenLedger): Violation[] {
  return families.flatMap((family): Violation[] => {
    const read = inOwnWords.has(family) ? asSpoken : inOurWords;
    if (!read) return [];
    const { evidence, placeSeen } = read;
    const { version } = evidence.opened.qemu;
    const own = recorder(ledger, version, placeSeen);
    if (!isFirst && restOnFreshImages.has(family)) {
      const undecided = allUndecided(own, "other QEMU's images");
      for (const { rule } of family.judge(evidence, undecided)) undecided.held(rule);
      return [];
    }
    return family.judge(evidence, own).flatMap((violation) => {
      if (!isWithin(version, violation.rule)) {
        ledger.undecided(violation.rule, 'version');
        return [];
      }
      return [{ ...violation, at: placeSeen(violation.at) }];
    });
  });
}

/** Records a life's rulings: places are those of the whole trace, and rules for other versions decide nothing. */
function recorder(ledger: Ledger, version: string, placeSeen: (at: Place) => Place): Ledger {
  const within = new Map<Rule, boolean>();
  const isFor = (rule: Rule): boolean => {
    if (rule.since === undefined && rule.until === undefined) return true;
    const known = within.get(rule) ?? isWithin(version, rule);
    within.set(rule, known);
    return known;
  };
  return {
    held(rule, times = 1) {
      if (isFor(rule)) ledger.held(rule, times);
      else for (let i = 0; i < times; i++) ledger.undecided(rule, 'version');
    },
    undecided(rule, cause) {
      if (!isFor(rule)) ledger.undecided(rule, 'version');
      else
        ledger.undecided(rule, typeof cause === 'string' ? cause : { ...cause, from: placeSeen(cause.from) });
    },
  };
}

/** A reply breaks a rule once, whichever of its reasons shows it first. */
const replyBroken = ({ rule, at, facts }: Violation): string[] =>
  facts.shape === 'reply' ? [`${rule.name} at ${at}`] : [];

/** A violation without what differs from one time to the next: names and figures differ in their numbers. The size of a leak tells it from others. */
function alike({ rule, facts }: Violation): string {
  const text = JSON.stringify(facts);
  return `${rule.name} ${facts.shape === 'reported' ? text : text.replaceAll(/\d+/g, 'N')}`;
}

export const rules: readonly Rule[] = families.flatMap((family) => family.rules);
