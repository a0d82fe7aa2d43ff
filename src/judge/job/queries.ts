import { isReady } from '../../model/job-machine.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import type { ShownFact, Wanted } from '../facts/shown.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { isBlockJob, jobsOf, who } from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const listed: Rule = {
  name: 'state/query-lists-jobs',
  kind: 'state',
  statement: 'query-jobs and query-block-jobs list the jobs there are: none too few, none too many.',
  source: 'qapi/job.json (QEMU 10.0), query-jobs: "Return information about jobs."',
};
const agrees: Rule = {
  name: 'state/query-agrees',
  kind: 'state',
  statement:
    'What a query shows of a job (status, ready, auto-finalize, auto-dismiss) agrees with its events and its start.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockJobInfo: "Current job state/status (since 2.12)"; blockjob.c, block_job_query_locked',
};

/** Queries against the event stream: each shows the jobs at one moment of its interval. */
export const stateQueries: RuleFamily = {
  rules: [listed, agrees],
  judge(evidence, ledger) {
    return [...evidence.byReply].flatMap(([at, exchange]): Violation[] => {
      const seen = evidence.trace[at];
      if (exchange.name !== 'query-jobs' && exchange.name !== 'query-block-jobs') return [];
      if (seen?.kind !== 'reply' || !Array.isArray(seen.return)) return [];
      const entries = seen.return.filter(isJsonObject);
      return [
        ...membership(evidence, exchange, at, entries, ledger),
        ...entries.flatMap((entry) => compare(evidence, exchange, at, entry, ledger)),
      ];
    });
  },
};

function membership(
  evidence: Evidence,
  { name, notBefore }: Exchange,
  at: Place,
  entries: Entry[],
  ledger: Ledger,
): Violation[] {
  const jobs = jobsOf(evidence);
  const shown = new Set(entries.map(idOf));
  const found: (Violation & { facts: Extract<ShownFact, { what: 'job' }> })[] = [];
  for (const id of shown) {
    if (id === undefined) continue;
    const statuses = jobs.foundWithin(id, notBefore, at);
    if (!statuses.includes('absent')) ledger.held(listed);
    else if (statuses.length > 1) ledger.undecided(listed, 'race');
    else {
      found.push({
        rule: listed,
        at,
        facts: { shape: 'shown', query: name, what: 'job', job: id, listed: true, why: 'unknown' },
      });
    }
  }
  const existing = jobs.existingAt(notBefore);
  if (shown.size === 0 && existing.length === 0) ledger.held(listed);
  for (const life of existing) {
    if (shown.has(life.id)) continue;
    if (name === 'query-block-jobs' && !isBlockJob(life)) continue;
    const statuses = jobs.foundWithin(life.id, notBefore, at);
    if (statuses.includes('absent')) ledger.undecided(listed, 'race');
    if (statuses.includes('absent') || found.some(({ facts }) => facts.job === life.id)) continue;
    found.push({
      rule: listed,
      at,
      facts: { shape: 'shown', query: name, what: 'job', job: life.id, listed: false, statuses },
    });
  }
  return found;
}

function compare(
  evidence: Evidence,
  { name, notBefore, step }: Exchange,
  at: Place,
  entry: Entry,
  ledger: Ledger,
): Violation[] {
  const id = idOf(entry);
  if (id === undefined) return [];
  const statuses = jobsOf(evidence).foundWithin(id, notBefore, at);
  const life = jobsOf(evidence).lifeAt(id, at);
  if (!life) return [];
  if (statuses.includes('absent')) {
    ledger.undecided(agrees, 'race');
    return [];
  }
  const found: Violation[] = [];
  const differ = (member: string, value: Json, wanted: Wanted): void => {
    found.push({
      rule: agrees,
      at,
      ...(step === undefined ? {} : { step }),
      facts: { shape: 'shown', query: name, what: 'member', ...who(life), member, value, wanted },
    });
  };
  const { status, ready } = entry;
  if (typeof status === 'string' && !statuses.some((each) => each === status))
    differ('status', status, { is: 'status', statuses });
  if (typeof ready === 'boolean' && !statuses.some((each) => isReady(each) === ready))
    differ('ready', ready, { is: 'status', statuses });
  for (const [member, wanted] of [
    ['auto-finalize', life.options.autoFinalize],
    ['auto-dismiss', life.options.autoDismiss],
  ] as const) {
    const shown = entry[member];
    if (typeof shown === 'boolean' && wanted !== undefined && shown !== wanted)
      differ(member, shown, { is: 'flag', value: wanted });
  }
  if (found.length === 0) ledger.held(agrees);
  return found;
}

type Entry = { [key: string]: Json };

function idOf(entry: Entry): string | undefined {
  const id = entry.device ?? entry.id;
  return typeof id === 'string' ? id : undefined;
}
