import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Observation } from '../../trace/observation.ts';
import { nowhere, opening, type Place } from '../../trace/place.ts';
import type { FigureFact } from '../facts/figure.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { type JobHistory, jobsOf } from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { mayBeWritten } from '../reading/writers-beside.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { WhyUndecided } from '../why-undecided.ts';

const bounds: Rule = {
  name: 'state/progress-bounds',
  kind: 'state',
  statement:
    'A job is never further than its end: 0 <= offset <= len in every event and query. Not judged: a mirror or commit while someone writes, one that copies anew what met an error, and how one ends that is cancelled: its len is set only when it next looks at what is dirty.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockJobInfo: "Estimated @offset value at the completion of the job."; no other exception in 15,000 recorded runs',
};
const monotonic: Rule = {
  name: 'state/progress-grows',
  kind: 'state',
  statement:
    "A job goes on, never back: its offset does not decrease during its life. (len is an estimate, and shrinks: a disk's tail counts as a whole chunk until it is copied.)",
  source:
    'qapi/block-core.json (QEMU 10.0), BlockJobInfo: "The value is monotonically increasing."; no decrease in 15,000 recorded runs',
};
const fields: Rule = {
  name: 'state/event-fields',
  kind: 'state',
  statement: "A job's events name its type and the speed last set.",
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_READY: "rate limit, bytes per second"; BLOCK_JOB_COMPLETED and BLOCK_JOB_CANCELLED say the same',
};
const readyAtEnd: Rule = {
  name: 'state/ready-at-len',
  kind: 'state',
  statement: 'Without writes from anywhere, BLOCK_JOB_READY comes with offset equal to len.',
  source: 'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_READY: "On success this is equal to len."',
};

/** Figures in events and queries. */
export const stateProgress: RuleFamily = {
  rules: [bounds, monotonic, fields, readyAtEnd],
  judge(evidence, ledger) {
    const speeds = speedsSet(evidence);
    const places = figures(evidence);
    const { unknown } = disturbancesOf(evidence);
    const shown = new Map<JobHistory, Figures[]>();
    return places.flatMap((place): Violation[] => {
      const { at, id, offset, len } = place;
      const life = jobsOf(evidence).lifeAt(id, at);
      const found: Violation[] = [];
      const report = (rule: Rule, what: Figure): void => {
        found.push({ rule, at, facts: { shape: 'figure', job: id, type: life?.options.type, ...what } });
      };
      const outside = { is: 'beyond', offset, len } as const;
      if (offset < 0) report(bounds, outside);
      if (!life) return found;
      const begin = life.entries[0]?.at ?? opening;
      const chases = life.options.type !== 'backup' && life.options.type !== 'stream';
      const recounts = (): WhyUndecided | undefined => {
        if (!chases) return undefined;
        if (place.event === 'BLOCK_JOB_CANCELLED') return 'race';
        if (mayBeWritten(evidence, life, begin, at)) return 'others write';
        return hasFailed(evidence, id, begin, at) ? 'error met' : undefined;
      };
      if (offset > len) {
        const why = recounts();
        if (why) ledger.undecided(bounds, why);
        else report(bounds, outside);
      } else if (offset >= 0) ledger.held(bounds);
      const earlier = shown.get(life) ?? [];
      shown.set(life, earlier);
      // A query may have read its figures at any moment since `from`: only what was shown before that binds it.
      const before = earlier.findLast((figures) => figures.at <= place.from);
      if (before && offset < before.offset)
        report(monotonic, { is: 'went back', before: before.offset, offset });
      else if (before) ledger.held(monotonic);
      if (earlier.at(-1)?.offset !== offset) earlier.push(place);
      if (place.type !== undefined) {
        if (life.options.type === undefined) ledger.undecided(fields, 'start unseen');
        else if (place.type === life.options.type) ledger.held(fields);
        else report(fields, { is: 'wrong type', shown: place.type, started: life.options.type });
      }
      const wanted = possibleSpeeds(life, speeds.get(id) ?? [], place);
      if (place.speed !== undefined) {
        if (at >= unknown.from) ledger.undecided(fields, unknown);
        else if (!wanted) ledger.undecided(fields, 'start unseen');
        else if (wanted.includes(place.speed)) ledger.held(fields);
        else report(fields, { is: 'wrong speed', speed: place.speed, set: wanted });
      }
      if (place.event === 'BLOCK_JOB_READY') {
        if (offset === len) ledger.held(readyAtEnd);
        else if (mayBeWritten(evidence, life, begin, at)) ledger.undecided(readyAtEnd, 'others write');
        else report(readyAtEnd, { is: 'ready early', offset, len });
      }
      return found;
    });
  },
};

type Figure<T = FigureFact> = T extends FigureFact ? Omit<T, 'shape' | 'job' | 'type'> : never;

function hasFailed({ trace }: Evidence, id: string, from: Place, to: Place): boolean {
  return trace
    .slice(from, to)
    .some((seen) => seen.kind === 'event' && seen.name === 'BLOCK_JOB_ERROR' && seen.data.device === id);
}

/** One showing of a job's figures; `from` is where a query's handler may have read them at the earliest. */
export type Figures = {
  at: Place;
  from: Place;
  id: string;
  offset: number;
  len: number;
  type?: string;
  speed?: number;
  event?: string;
};

export function figures(evidence: Evidence): Figures[] {
  return evidence.trace.flatMap((seen, at): Figures[] => {
    if (seen.kind === 'event' && seen.name.startsWith('BLOCK_JOB_')) {
      return figuresIn(seen.data, { at, from: at, event: seen.name });
    }
    const exchange = seen.kind === 'reply' ? evidence.byReply.get(at) : undefined;
    if (!exchange) return [];
    return queried(seen, exchange, at);
  });
}

function queried(seen: Observation, { name, notBefore }: Exchange, at: Place): Figures[] {
  if (name !== 'query-block-jobs' && name !== 'query-jobs') return [];
  if (seen.kind !== 'reply' || !Array.isArray(seen.return)) return [];
  return seen.return.flatMap((entry) =>
    isJsonObject(entry) ? figuresIn(entry, { at, from: notBefore }) : [],
  );
}

function figuresIn(
  data: { [key: string]: Json },
  place: { at: Place; from: Place; event?: string },
): Figures[] {
  const id = data.device ?? data.id;
  const offset = data.offset ?? data['current-progress'];
  const len = data.len ?? data['total-progress'];
  if (typeof id !== 'string' || typeof offset !== 'number' || typeof len !== 'number') return [];
  return [
    {
      ...place,
      id,
      offset,
      len,
      ...(typeof data.type === 'string' ? { type: data.type } : {}),
      ...(typeof data.speed === 'number' ? { speed: data.speed } : {}),
    },
  ];
}

type SpeedSet = { from: Place; until: Place; speed: number | undefined };

/** Every accepted or unanswered set-speed of each job; an exact figure beyond 2^53 is not readable here. */
function speedsSet(evidence: Evidence): Map<string, SpeedSet[]> {
  const byId = new Map<string, SpeedSet[]>();
  for (const exchange of evidence.exchanges) {
    const { device, speed } = exchange.args;
    if (exchange.name !== 'block-job-set-speed' || typeof device !== 'string') continue;
    if (replyOf(evidence, exchange)?.error) continue;
    const readable = typeof speed === 'number' && Number.isSafeInteger(speed) ? speed : undefined;
    const set = {
      from: exchange.notBefore,
      until: exchange.reply ?? nowhere,
      speed: readable,
    };
    const same = byId.get(device);
    if (same) same.push(set);
    else byId.set(device, [set]);
  }
  return byId;
}

/** undefined: the speed can't be told. */
function possibleSpeeds(life: JobHistory, set: readonly SpeedSet[], place: Figures): number[] | undefined {
  const { options, entries } = life;
  if (options.speed === undefined || !Number.isSafeInteger(options.speed)) return undefined;
  const began = entries[0]?.at ?? opening;
  const possible: (number | undefined)[] = [];
  // Back from the last one begun to the one that was surely in force, or to the start.
  for (let i = lastBefore(set, place.at, ({ from }) => from); ; i--) {
    const each = set[i];
    const ofThisLife = each !== undefined && each.until > began;
    possible.unshift(ofThisLife ? each.speed : options.speed);
    if (!ofThisLife || each.until <= place.from) break;
  }
  return possible.includes(undefined) ? undefined : (possible as number[]);
}
