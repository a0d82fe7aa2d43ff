import type { CampaignEvent } from '../campaign/campaign-event.ts';
import type { Discoveries } from '../campaign/discoveries/discoveries.ts';
import type { Discovery } from '../campaign/discoveries/discovery.ts';
import { keepSuspect } from '../campaign/discoveries/suspects.ts';
import type { Interesting } from '../campaign/feedback/interesting.ts';
import { keepNews } from '../campaign/feedback/keep-news.ts';
import { addUndecided, noRuns } from '../campaign/feedback/runs-sum.ts';
import type { Findings } from '../findings/store.ts';
import type { CampaignState, FoundBefore } from './campaign-state.ts';
import type { Fleet } from './fleet.ts';
import { idOf } from './id-of.ts';
import type { WrittenJob } from './jobs.ts';
import { limits } from './limits.ts';
import type { WrittenNews } from './news.ts';
import type { Outstanding } from './outstanding.ts';
import { packSequence } from './packed.ts';
import { type HuntResult, type Result, resultSchema, type Shown, type ShrinkResult } from './results.ts';
import { believed, ranOf, writtenShown } from './shown.ts';

/** What answers of workers do to a campaign. */
export type ResultTaker = {
  /** Returns what all workers are to know of it. */
  take(data: unknown): WrittenNews[];
  /** A shard that nobody could do. */
  giveUp(job: WrittenJob): void;
  /** What an earlier coordinator of this campaign has found. */
  remember(found: FoundBefore): void;
  /** Answers that came twice or were not believed. */
  counts: { again: number; refused: number; tasks: number };
};

export function openResultTaker(of: {
  campaign: string;
  findingsDir: string;
  corpusDir?: string | undefined;
  store: Findings;
  state: CampaignState;
  outstanding: Outstanding;
  discoveries: Discoveries;
  interesting: Interesting;
  fleet: Fleet;
  version(program: string): string;
  elapsedMs(): number;
  report(event: CampaignEvent): void;
  warn(message: string): void;
  /** A finding is minimal now. */
  minimal(discovery: Discovery, result: ShrinkResult, program: string): void;
}): ResultTaker {
  const counts = { again: 0, refused: 0, tasks: 0 };
  const signaturesMet = new Set<string>();

  return { take, giveUp, remember, counts };

  function take(data: unknown): WrittenNews[] {
    const parsed = resultSchema.safeParse(data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return refuse(idOf(data), `${issue?.path.join('.')}: ${issue?.message}`);
    }
    const result = parsed.data;
    if (result.campaign !== of.campaign) return [];
    const job = of.outstanding.get(result.id);
    if (!job) {
      // It was done twice, and is counted once; a finding is not thrown away for that.
      counts.again++;
      return result.kind === 'hunt' && of.fleet.numberOf(result.program) >= 0 ? foundIn(result, true) : [];
    }
    if (job.kind !== result.kind || job.program !== result.program)
      return refuse(result.id, 'it answers another question');
    switch (result.kind) {
      case 'hunt':
        return hunted(job as Extract<WrittenJob, { kind: 'hunt' }>, result);
      case 'shrink':
        return shrunk(job as Extract<WrittenJob, { kind: 'shrink' }>, result);
      case 'rate':
      case 'ablate':
        done(result.id);
        measured(job as Extract<WrittenJob, { kind: 'rate' | 'ablate' }>, result);
        return [];
      case 'gate':
      case 'prune':
        return refuse(result.id, 'a hunt asks for no such thing');
    }
  }

  function hunted(job: Extract<WrittenJob, { kind: 'hunt' }>, result: HuntResult): WrittenNews[] {
    const { sum, lost, elapsedMs } = result;
    if (sum.sequences !== job.count)
      return refuse(result.id, `it has ${sum.sequences} sequences, and ${job.count} were asked for`);
    of.outstanding.remove(result.id);
    const version = of.version(result.program);
    of.state.done(result.id, result.program, version, sum);
    of.state.cutting.measured(result.program, sum.sequences, elapsedMs);
    of.interesting.consider(version, { ...nothing, triples: sum.coverage.triples });
    const news = foundIn(result, false);
    of.report({
      kind: 'runs',
      version,
      sum,
      news: news.length,
      features: of.interesting.featureCount(),
      edges: of.interesting.edgeCount(),
      interesting: of.interesting.size(),
    });
    for (const { how, sequence } of lost) {
      const kept =
        sequence && keepSuspect(of.findingsDir, sequence, `a worker died (${how}) while it ran this`);
      if (kept?.complaint !== undefined) of.warn(kept.complaint);
      of.warn(
        `a process of worker ${result.worker} died (${how})${sequence ? ` while it ran "${sequence.title}"` : ''}${kept?.file ? `; kept as ${kept.file}` : ''}`,
      );
    }
    return news;
  }

  /** `isRepeated`: only what nobody has shown yet is of interest. */
  function foundIn(result: HuntResult, isRepeated: boolean): WrittenNews[] {
    const version = of.version(result.program);
    return result.shown.flatMap((shown): WrittenNews[] => {
      const { sequence, features, moments, elapsedMs } = shown;
      const fresh = isRepeated ? [] : of.interesting.consider(version, { ...shown, triples: {} });
      const complaint =
        fresh.length > 0 && of.corpusDir !== undefined && keepNews(of.corpusDir, version, sequence, fresh);
      if (complaint) of.warn(complaint);
      const signatures = noteViolations(result.program, shown, isRepeated);
      const packed = fresh.length > 0 ? packSequence(sequence) : '';
      return [
        ...(fresh.length > 0
          ? [{ kind: 'sequence' as const, version, sequence: packed, features, moments, elapsedMs }]
          : []),
        ...(signatures.length > 0 ? [{ kind: 'reported' as const, version, signatures }] : []),
      ];
    });
  }

  /** Returns signatures that came with a trace. */
  function noteViolations(program: string, shown: Shown, isRepeated: boolean): string[] {
    const violations = shown.violations.flatMap((seen) => believed(seen, of.warn));
    const wanted = violations.filter(
      ({ signature, trace }) => !isRepeated || (trace && !signaturesMet.has(signature)),
    );
    if (wanted.length === 0) return [];
    const ran = ranOf(of.fleet.numberOf(program), shown, wanted);
    const atMs = of.elapsedMs();
    const discoveries = of.discoveries.note(ran, shown.sequence, atMs);
    for (const discovery of discoveries) of.report({ kind: 'found', discovery });
    if (discoveries.length > 0)
      of.state.found({
        program,
        shown: writtenShown(shown),
        atMs,
        isNew: discoveries.some(({ known }) => !known),
      });
    const traced = wanted.flatMap(({ signature, trace }) => (trace ? [signature] : []));
    for (const signature of traced) signaturesMet.add(signature);
    return traced;
  }

  function shrunk(job: Extract<WrittenJob, { kind: 'shrink' }>, result: ShrinkResult): WrittenNews[] {
    done(result.id);
    const { ended, failed, elapsedMs } = result;
    const { finding: id, signature, program } = job;
    if (!ended) {
      if (failed?.startsWith('its worker died')) of.discoveries.requeue(id);
      else of.discoveries.leave(id);
      return [];
    }
    const { shown, stacks, ...rest } = ended;
    const came = of.discoveries.shrunk({
      kind: 'shrunk',
      id,
      program: of.fleet.numberOf(program),
      signature,
      elapsedMs,
      sessionsStarted: 0,
      ...rest,
      ...(shown && shown.violation.at < shown.trace.length ? { shown } : {}),
      ...(stacks ? { stacks } : {}),
    });
    if (!came) return [];
    if (came.isAnother) of.report({ kind: 'found', discovery: came.discovery });
    of.report({ kind: 'shrunk', discovery: came.discovery, executions: ended.executions, elapsedMs });
    of.minimal(came.discovery, result, program);
    return [];
  }

  /** Label, version and flavour are those of the program that was asked, whatever the answer says. */
  function measured({ finding, program }: { finding: string; program: string }, result: Result): void {
    const plan = of.fleet.plan(program);
    if (!plan) return;
    const { label, version } = plan.target;
    const as = { label, version, flavour: plan.flavour };
    try {
      if (result.kind === 'rate' && result.row) of.store.setAffected(finding, [{ ...result.row, ...as }]);
      if (result.kind === 'ablate' && result.table) of.store.setAblation(finding, { ...result.table, ...as });
    } catch (error) {
      of.warn(`${finding}: ${(error as Error).message}`);
    }
  }

  function remember({ program, shown, atMs, isNew }: FoundBefore): void {
    const parsed = resultSchema.safeParse({
      ...{ kind: 'hunt', id: `h-${'0'.repeat(20)}`, campaign: of.campaign, worker: '0'.repeat(16), program },
      ...{ elapsedMs: 0, sum: noRuns(), shown: [shown], lost: [] },
    });
    const at = of.fleet.numberOf(program);
    if (!parsed.success || parsed.data.kind !== 'hunt' || at === -1) return;
    for (const each of parsed.data.shown) {
      const violations = each.violations.flatMap((seen) => believed(seen, of.warn));
      for (const discovery of of.discoveries.note(ranOf(at, each, violations), each.sequence, atMs)) {
        if (isNew) discovery.known = false;
        of.report({ kind: 'found', discovery });
      }
    }
  }

  function refuse(id: string | undefined, why: string): WrittenNews[] {
    counts.refused++;
    of.warn(`a worker's answer can't be believed (${why.slice(0, 200)}): its shard is done again`);
    const job = id === undefined ? undefined : of.outstanding.get(id);
    if (job && of.outstanding.refused(job.id, limits.refusalsMax)) giveUp(job);
    return [];
  }

  function giveUp(job: WrittenJob): void {
    of.outstanding.remove(job.id);
    if (job.kind === 'shrink') of.discoveries.leave(job.finding);
    if (job.kind !== 'hunt') return;
    const sum = { ...noRuns(), sequences: job.count };
    addUndecided(sum, 'its shard took every worker along that it was given to', job.count);
    const version = of.version(job.program);
    of.state.done(job.id, job.program, version, sum);
    const { featureCount, edgeCount, size } = of.interesting;
    const now = { features: featureCount(), edges: edgeCount(), interesting: size() };
    of.report({ kind: 'runs', version, sum, news: 0, ...now });
  }

  function done(id: string): void {
    of.outstanding.remove(id);
    counts.tasks++;
  }
}

const nothing = { features: [], moments: [], elapsedMs: 0 };
