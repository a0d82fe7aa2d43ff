import { isWithin } from '../qemu/versions.ts';
import type { QmpSchema } from '../qmp/schema.ts';
import type { Trace } from '../trace/observation.ts';
import { claims } from './claim/claims.ts';
import { crash, hungUpAt } from './crash.ts';
import { dialectRules } from './dialect/dialect.ts';
import { graphRules } from './graph/graph.ts';
import { targetBoots } from './guest/target-boots.ts';
import { hang } from './hang/hang.ts';
import { resume } from './hang/resume.ts';
import { stalledJobs } from './hang/stalled.ts';
import { imageCorrupted } from './integrity/image-corrupted.ts';
import { integrity } from './integrity/integrity.ts';
import { state } from './job/job.ts';
import { leak } from './leak/leak.ts';
import { heldByProcess } from './leak/process.ts';
import { killedByOthers } from './reading/killed.ts';
import { readTrace } from './reading/read-trace.ts';
import type { FindingKind, Rule, RuleFamily, Violation } from './rule.ts';
import { validation } from './validation/validation.ts';
import { protocol } from './wire/wire.ts';

/** Adding a rule family means adding its file and its line here. The most serious stand first. */
const families: readonly RuleFamily[] = [
  crash,
  integrity,
  targetBoots,
  imageCorrupted,
  hang,
  resume,
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

/**
 * Every rule broken by a trace, most serious first. A crash explains what follows it and what follows the monitor's end
 * that it brought, so of that only the crash counts; a SIGKILL that is not ours explains all that follows; a hang
 * explains the hangs after it; a rule broken again by the same facts is told once.
 */
export function judge(trace: Trace, schema?: QmpSchema): Violation[] {
  const found = readTrace(trace, schema).flatMap(({ isFirst, inOurWords, asSpoken }) => {
    const judging = isFirst ? families : families.filter((family) => !restOnFreshImages.has(family));
    return judging.flatMap((family): Violation[] => {
      const read = inOwnWords.has(family) ? asSpoken : inOurWords;
      if (!read) return [];
      const { version } = read.evidence.opened.qemu;
      const violations = family.judge(read.evidence).filter(({ rule }) => isWithin(version, rule));
      return violations.map((violation) => ({ ...violation, at: read.placeSeen(violation.at) }));
    });
  });
  const first = (kind: FindingKind): number =>
    Math.min(...found.flatMap(({ rule, at }) => (rule.kind === kind ? [at] : [])));
  const crashedAt = hungUpAt(trace, first('crash'));
  const killedAt = hungUpAt(trace, killedByOthers(trace) ?? Number.POSITIVE_INFINITY);
  const hungAt = first('hang');
  const told = new Set<string>();
  return found.filter((violation) => {
    if (violation.at >= killedAt) return false;
    if (violation.rule.kind !== 'crash' && violation.at >= crashedAt) return false;
    if (violation.rule.kind === 'hang' && violation.at > hungAt) return false;
    const ways = [alike(violation), ...replyBroken(violation)];
    if (ways.some((each) => told.has(each))) return false;
    for (const each of ways) told.add(each);
    return true;
  });
}

/** A reply breaks a rule once, whichever of its reasons shows it first. */
const replyBroken = ({ rule, at, facts }: Violation): string[] =>
  facts.shape === 'reply' ? [`${rule.name} at ${at}`] : [];

/** A violation without what differs from one time to the next: names and figures differ in their numbers. */
const alike = ({ rule, facts }: Violation): string =>
  `${rule.name} ${JSON.stringify(facts).replaceAll(/\d+/g, 'N')}`;

export const rules: readonly Rule[] = families.flatMap((family) => family.rules);
