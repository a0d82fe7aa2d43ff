import type { Trace } from '../trace/observation.ts';
import { lastStep } from './crash.ts';
import type { ReportedFact, Sanitizer } from './facts/reported.ts';
import type { Ledger } from './ledger.ts';
import { isCutOff } from './reading/cut-off.ts';
import { sanitizerReports, tellsLeaks } from './reading/sanitizer-reports.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';

const address: Rule = {
  name: 'sanitizer/address',
  kind: 'crash',
  statement: 'QEMU uses no memory that it has freed, and none beyond what it has allocated.',
  source: 'we expect it: AddressSanitizer reports what the C standard leaves undefined (6.5.3.2, 7.22.3)',
};
const behaviour: Rule = {
  name: 'sanitizer/undefined-behaviour',
  kind: 'state',
  statement: 'QEMU does nothing whose behaviour the C language leaves undefined.',
  source: 'we expect it: UBSan reports what the C standard leaves undefined (annex J.2)',
};
const leaks: Rule = {
  name: 'sanitizer/leak',
  kind: 'leak',
  statement: 'When QEMU quits, something still points to all memory that it has not freed.',
  source: 'we expect it: what nothing points to is never freed, and LeakSanitizer reports it at exit',
};

const ruleOf: Record<Sanitizer, Rule> = {
  AddressSanitizer: address,
  UndefinedBehaviorSanitizer: behaviour,
  LeakSanitizer: leaks,
};

/** What a build with sanitizers says of itself: each place is reported once, however often it is met. */
export const sanitizer: RuleFamily = {
  rules: [address, behaviour, leaks],
  judge({ trace }, ledger) {
    const reports = sanitizerReports(trace);
    noteHeld(trace, new Set(reports.map(({ facts }) => facts.by)), ledger);
    const places = new Set<string>();
    return reports.flatMap(({ facts, at }): Violation[] => {
      const place = placeOf(facts);
      if (places.has(place)) return [];
      places.add(place);
      if (facts.by === 'LeakSanitizer' && hadSequencesBefore(trace)) {
        ledger.undecided(leaks, 'earlier sequences');
        return [];
      }
      const step = lastStep(trace, at);
      return [{ rule: ruleOf[facts.by], at, ...(step === undefined ? {} : { step }), facts }];
    });
  },
};

/** Leaks are told when QEMU quits, of all that it has ever done. */
const hadSequencesBefore = ([opened]: Trace): boolean =>
  opened?.kind === 'opened' && opened.session.sequencesBefore > 0;

/** A place that leaks objects of any size is one place. */
const placeOf = ({ by, what, frames }: ReportedFact): string =>
  JSON.stringify(by === 'LeakSanitizer' && frames.length > 0 ? [by, frames] : [by, what, frames]);

/** A build without them says nothing, which means nothing. Leaks are looked for when QEMU quits. */
function noteHeld(trace: Trace, reported: ReadonlySet<ReportedFact['by']>, ledger: Ledger): void {
  const [opened] = trace;
  const built = opened?.kind === 'opened' ? (opened.qemu.instruments ?? []) : [];
  const hasQuit = trace.some((seen) => seen.kind === 'exit' && seen.asked && seen.signal === null);
  const hasEnded = trace.some(({ kind }) => kind === 'exit');
  for (const [by, rule] of Object.entries(ruleOf) as [Sanitizer, Rule][]) {
    const isLooked =
      by === 'LeakSanitizer' ? hasQuit && built.includes('AddressSanitizer') : built.includes(by);
    if (!isLooked || reported.has(by)) continue;
    // It names objects that hang on others, and none that these hang on: seen once in twenty runs of one sequence.
    if (by === 'LeakSanitizer' && tellsLeaks(trace)) {
      ledger.undecided(rule, 'race');
      continue;
    }
    if (!hasEnded && isCutOff(trace)) ledger.undecided(rule, 'cut off');
    else ledger.held(rule);
  }
}
