import type { CampaignStatus, WorkerStatus } from '../lab/read-campaign.ts';
import type { Curve, LiveSource, LiveWorker } from '../page/live-model.ts';
import { printable } from '../printable.ts';
import { clock, counted } from '../report/hunt-lines.ts';
import type { HistoryPoint, HuntStatus } from '../report/live/hunt-status.ts';
import { limits } from './limits.ts';

/** A local hunt as the page shows it. `rate`: sequences a second of late; `nowMs` as Date.now() has it. */
export function huntSource(
  key: string,
  hunt: HuntStatus,
  rate: number | undefined,
  nowMs: number,
): LiveSource {
  const { host, pid, seed, elapsedMs, lastNewMs, findings, programs, lost } = hunt;
  const silentMs = Math.max(0, nowMs - Date.parse(hunt.writtenAt));
  const is = hunt.state === 'ended' ? 'ended' : silentMs > limits.silentAfterMs ? 'silent' : 'running';
  return {
    key,
    title: printable(`Hunt on ${host}, process ${pid}, seed ${seed}`),
    is,
    words: {
      running: `running for ${clock(elapsedMs)}${ofBudget(hunt.budget)}`,
      ended: `ended ${ago(silentMs)}, after ${clock(elapsedMs)}`,
      silent: `not heard of for ${clock(silentMs)}: killed, stopped, or its store can not be written`,
    }[is],
    figures: rows([
      ['QEMU', versionsOf(programs)],
      ['sequences', `${hunt.sequences}`],
      ['commands', `${hunt.commands}`],
      ['decided', `${hunt.sequences - hunt.undecided}`],
      ['features', `${hunt.features}`],
      ['last new', is === 'running' ? ago(elapsedMs - lastNewMs) : '-'],
      ['findings', `${findings.fresh} new, ${findings.known} known`],
      ['to shrink', `${findings.toShrink}`],
      ['QEMU restarted', counted(hunt.restarts, 'time')],
      ['workers lost', `${lost}`],
    ]),
    curves: curvesOf(hunt.history, is === 'running' ? rate : undefined),
    workers: hunt.workers.map(
      ({ doing, forMs, sequences }, i): LiveWorker => ({
        name: `worker ${i + 1}`,
        isAlive: is === 'running',
        lanes: [{ doing: printable(doing), words: clock(forMs) }],
        facts: counted(sequences, 'sequence'),
      }),
    ),
    queues: [],
    notes: [
      ...hunt.workersLost.map(({ atMs, how, doing }) => `at ${clock(atMs)} a worker died: ${how}, ${doing}`),
      ...hunt.warnings,
    ].map(printable),
  };
}

const kinds = { hunt: 'Campaign of', gate: 'Gate by the lab at', prune: 'Corpus run by the lab at' };

function workersFigure(workers: readonly WorkerStatus[]): [string, string] {
  const gone = workers.filter(({ isAlive }) => !isAlive).length;
  return ['workers', `${workers.length - gone}${gone > 0 ? `, ${gone} gone` : ''}`];
}

function huntFigures({ campaign, progress, workers }: CampaignStatus): [string, string][] {
  return rows([
    ['coordinator', campaign?.host],
    ['QEMU', progress ? versionsOf(progress.programs) : undefined],
    workersFigure(workers),
    ['sequences', `${progress?.sequences ?? 0}`],
    ['commands', `${progress?.commands ?? 0}`],
    ['decided', `${progress ? progress.sequences - progress.undecided : 0}`],
    ['features', `${progress?.features ?? 0}`],
    ['findings', `${progress?.findings.length ?? 0}`],
    ['shards', progress ? `${progress.shards.done} done, ${progress.shards.out} out` : undefined],
    ['done again', progress ? `${progress.shards.again}` : undefined],
    ['tasks', progress ? `${progress.tasks.done} done, ${progress.tasks.out} out` : undefined],
  ]);
}

/** What a lab is asked for, which has no shards: a gate, or what is spare of a corpus. */
function askedParts({ campaign, asked, workers }: CampaignStatus): Pick<LiveSource, 'progress' | 'figures'> {
  return {
    ...(asked && asked.of > 0
      ? { progress: { doing: printable(asked.doing), done: Math.min(asked.done, asked.of), of: asked.of } }
      : {}),
    figures: rows([
      ['coordinator', campaign?.host],
      ['doing', asked?.of === 0 ? asked.doing : undefined],
      [campaign?.kind === 'gate' ? 'verdicts so far' : 'so far', asked?.words],
      workersFigure(workers),
    ]),
  };
}

/** A lab's campaign. `trouble`: why Redis does not answer; then it is what was last heard. */
export function campaignSource(
  status: CampaignStatus,
  about: { rate: number | undefined; shown: string; trouble: string | undefined },
): LiveSource {
  const { campaign, progress, asked, isCoordinated, workers, queues, complaints } = status;
  const kind = campaign?.kind ?? 'hunt';
  const is =
    about.trouble !== undefined
      ? 'silent'
      : progress?.state === 'over' && kind === 'hunt'
        ? 'ended'
        : isCoordinated
          ? 'running'
          : 'silent';
  const elapsed =
    kind !== 'hunt' && asked
      ? ` for ${clock(asked.elapsedMs)}`
      : progress
        ? ` for ${clock(progress.elapsedMs)}${ofBudget(campaign?.budget ?? {})}`
        : '';
  return {
    key: 'campaign',
    title: printable(
      `${kinds[kind]} ${about.shown}${campaign && kind !== 'prune' ? `, seed ${campaign.seed}` : ''}`,
    ),
    is,
    words: printable(
      about.trouble !== undefined
        ? `Redis does not answer: ${about.trouble}; what stands here was heard before`
        : !campaign
          ? 'no campaign yet'
          : is === 'silent'
            ? `its coordinator is silent: it was stopped or killed${kind === 'hunt' ? ', and can be started again' : ''}`
            : `${kind === 'hunt' ? (progress?.state ?? 'waiting for workers') : 'running'}${elapsed}`,
    ),
    ...(kind === 'hunt' ? { figures: huntFigures(status) } : askedParts(status)),
    curves:
      kind === 'hunt' ? curvesOf(progress?.history ?? [], is === 'running' ? about.rate : undefined) : [],
    workers: workers.map(labWorker),
    queues: queues.filter(isUsed),
    notes: complaints.map(printable),
  };
}

function labWorker({
  host,
  pid,
  offers,
  lanes,
  shards,
  sequences,
  isAlive,
  silentMs,
}: WorkerStatus): LiveWorker {
  return {
    name: printable(`${host} ${pid}`),
    isAlive,
    lanes: isAlive
      ? lanes.map(({ doing, forMs }) => ({ doing: printable(doing), words: clock(forMs) }))
      : [{ doing: 'silent', words: clock(silentMs) }],
    facts: printable(`${versionsOf(offers)}; ${counted(shards, 'shard')}, ${counted(sequences, 'sequence')}`),
  };
}

/** Rate, novelty and findings over time. The rate of a point is that since the point before. */
function curvesOf(history: readonly HistoryPoint[], rate: number | undefined): Curve[] {
  const last = history.at(-1);
  const rates = history.flatMap((point, i): [number, number][] => {
    const before = history[i - 1];
    const seconds = before ? (point.atMs - before.atMs) / 1000 : 0;
    // The last point may stand just after the one before it.
    if (!before || seconds < 0.5) return [];
    return [[point.atMs / 1000, Math.max(0, point.sequences - before.sequences) / seconds]];
  });
  const sums = (of: 'features' | 'findings'): [number, number][] =>
    history.map((point) => [point.atMs / 1000, point[of]]);
  return [
    {
      name: 'Rate',
      unit: 'sequences a second',
      now: (rate ?? rates.at(-1)?.[1] ?? 0).toFixed(1),
      points: rates,
    },
    { name: 'Novelty', unit: 'features seen', now: `${last?.features ?? 0}`, points: sums('features') },
    { name: 'Findings', unit: 'found', now: `${last?.findings ?? 0}`, points: sums('findings') },
  ];
}

type Programs = readonly { label: string; version: string; flavour: string }[];

const versionsOf = (programs: Programs): string => {
  const names = programs.map(
    ({ label, version, flavour }) => `${label === version ? version : `${label}, ${version}`} ${flavour}`,
  );
  return [...new Set(names)].join('; ');
};

const ofBudget = ({
  timeMs,
  sequences,
}: {
  timeMs?: number | undefined;
  sequences?: number | undefined;
}): string =>
  `${timeMs === undefined ? '' : ` of ${clock(timeMs)}`}${sequences === undefined ? '' : `, until ${sequences} sequences`}`;

const ago = (ms: number): string => (ms < 1000 ? 'just now' : `${clock(ms)} ago`);

const isUsed = ({ waiting, active, delayed, failed }: CampaignStatus['queues'][number]): boolean =>
  waiting + active + delayed + failed > 0;

const rows = (all: [string, string | undefined][]): [string, string][] =>
  all.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, printable(value)] as [string, string]],
  );
