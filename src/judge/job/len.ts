import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { opening } from '../../trace/place.ts';
import { grainBytesOf } from '../integrity/space.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, metError, who } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { mayBeWritten } from '../reading/writers-beside.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { type Figures, figures } from './progress.ts';

const kept: Rule = {
  name: 'state/len-kept',
  kind: 'state',
  statement:
    "A job's len does not shrink by a cluster and more, from what a query or an event has shown to what a later one shows, its last event included. Not judged: a backup with sync=top, which finds out what is not allocated; a mirror or commit while someone writes.",
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_CANCELLED: "maximum progress value"; a tail counts as a whole cluster until it is copied',
};

/** What is still to be done is told alike by queries and events. */
export const stateLen: RuleFamily = {
  rules: [kept],
  judge(evidence, ledger) {
    const shown = new Map<JobHistory, Figures[]>();
    for (const place of figures(evidence)) {
      const life = jobsOf(evidence).lifeAt(place.id, place.at);
      if (!life) continue;
      const all = shown.get(life);
      if (all) all.push(place);
      else shown.set(life, [place]);
    }
    return [...shown].flatMap(([life, places]) => judgeLife(evidence, life, places, ledger));
  },
};

function judgeLife(
  evidence: Evidence,
  life: JobHistory,
  places: readonly Figures[],
  ledger: Ledger,
): Violation[] {
  for (const [i, place] of places.entries()) {
    // A query may have read its figures at any moment since `from`.
    const before = places.slice(0, i).findLast(({ at }) => at <= place.from);
    if (!before) continue;
    const grainBytes = slackOf(evidence, life);
    if (place.len > before.len - grainBytes) {
      ledger.held(kept);
      continue;
    }
    const why = whyUndecided(evidence, life, place);
    if (why) {
      ledger.undecided(kept, why);
      return [];
    }
    const { at, len } = place;
    const facts = { is: 'len shrank', before: before.len, len, grainBytes } as const;
    return [{ rule: kept, at, facts: { shape: 'figure', ...who(life), ...facts } }];
  }
  return [];
}

function whyUndecided(
  evidence: Evidence,
  life: JobHistory,
  { at }: Figures,
): WhyUndecided | Cause | undefined {
  const { unknown } = disturbancesOf(evidence);
  if (at >= unknown.from) return unknown;
  const { type } = life.options;
  if (type === undefined) return 'start unseen';
  if (type === 'backup') return startOf(evidence, life)?.sync === 'top' ? 'content unknown' : undefined;
  if (type === 'stream') return undefined;
  if (metError(life)) return 'error met';
  return mayBeWritten(evidence, life, life.entries[0]?.at ?? opening, at) ? 'others write' : undefined;
}

/** The arguments that the job was started with, be it by an action of a transaction. */
function startOf({ bySent }: Evidence, { id, startedBy }: JobHistory): JsonObject | undefined {
  const args = startedBy === undefined ? undefined : bySent.get(startedBy)?.args;
  if (!Array.isArray(args?.actions)) return args;
  const all = args.actions.flatMap((action) =>
    isJsonObject(action) && isJsonObject(action.data) ? [action.data] : [],
  );
  return all.find((data) => data['job-id'] === id) ?? all.find(({ sync }) => sync === 'top');
}

/** A cluster, of a mirror a grain of its bitmap. */
function slackOf(evidence: Evidence, life: JobHistory): number {
  const granularity = startOf(evidence, life)?.granularity;
  return Math.max(grainBytesOf(evidence), typeof granularity === 'number' ? granularity : 0);
}
