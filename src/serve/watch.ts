import type { LiveNow, LiveSource } from '../page/live-model.ts';
import type { FindingHead } from '../page/model.ts';
import { printable } from '../printable.ts';
import { campaignHeads } from './campaign-heads.ts';
import { limits } from './limits.ts';
import { campaignSource, huntSource } from './live-source.ts';
import { openRates } from './rates.ts';
import { versionCoverage } from './version-coverage.ts';
import { type WatchedCampaign, type WatchedQueue, watchCampaign } from './watch-campaign.ts';
import { type WatchedFindings, watchFindings } from './watch-findings.ts';
import { type WatchedHunt, watchHunts } from './watch-hunts.ts';

/** What the page is about, looked at every second. */
export type Watch = {
  seen(): Seen;
  /** Called after each change; returns the function that ends that. */
  onChange(listener: () => void): () => void;
  close(): void;
};

/** `revision` of each part grows when that part changes; `text` is its JSON. */
export type Seen = {
  now: { revision: number; text: string };
  coverage: { revision: number; text: string };
  findings: { revision: number; heads: readonly ShownHead[] };
  /** What it is made of. */
  of: Looked;
};
export type ShownHead = { revision: number; head: FindingHead };
export type Looked = {
  findings: WatchedFindings;
  hunts: WatchedHunt[];
  notes: string[];
  campaign: WatchedCampaign;
};

/**
 * A lab's hunt writes a status file as any hunt does, and its figures are in Redis, too: the campaign says more. Who
 * coordinates has no workers of its own, and the seed of a campaign that is over is gone with it.
 */
export function isOfCampaign({ status: hunt }: WatchedHunt, { status }: WatchedCampaign): boolean {
  if (hunt.workers.length > 0 || !status?.progress) return false;
  const { campaign, progress } = status;
  return campaign
    ? campaign.seed === hunt.seed
    : progress.state === 'over' && progress.sequences === hunt.sequences;
}

type About = { store: string; queue?: WatchedQueue; tool: string; everyMs?: number };

/** Watches until it is closed. Resolves when everything was looked at once. */
export async function openWatch(about: About): Promise<Watch> {
  const look = {
    findings: watchFindings(about.store),
    hunts: watchHunts(about.store),
    campaign: watchCampaign(about.queue),
  };
  const show = openShow(about);
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let seen = show(await looked());
  again();

  return {
    seen: () => seen,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      listeners.clear();
    },
  };

  async function looked(): Promise<Looked> {
    const [findings, campaign] = await Promise.all([look.findings(), look.campaign()]);
    const { hunts, notes } = look.hunts();
    return { findings, campaign, notes, hunts: hunts.filter((hunt) => !isOfCampaign(hunt, campaign)) };
  }

  function again(): void {
    if (!closed) timer = setTimeout(() => void next(), about.everyMs ?? limits.watchEveryMs);
  }

  async function next(): Promise<void> {
    const before = seen;
    seen = show(await looked());
    const isChanged = (['now', 'coverage', 'findings'] as const).some(
      (part) => before[part].revision !== seen[part].revision,
    );
    if (isChanged && !closed) for (const listener of listeners) listener();
    again();
  }
}

/** Makes of what was looked at what the page shows, and finds out what of that is new. */
function openShow({ store, queue, tool }: About): (looked: Looked) => Seen {
  const rateOf = openRates();
  const now = revised();
  const coverage = revised();
  const heads = openHeads();
  return (looked) => {
    const live: Omit<LiveNow, 'at'> = {
      tool,
      store: printable(store),
      sources: sourcesOf(looked),
      notes: [...looked.findings.notes, ...looked.notes],
    };
    const { status } = looked.campaign;
    const programs = [
      ...looked.hunts.flatMap((hunt) => hunt.status.programs),
      ...(status?.progress?.programs ?? []),
    ];
    return {
      now: now(JSON.stringify(live), () => JSON.stringify({ ...live, at: new Date().toISOString() })),
      coverage: coverage(JSON.stringify(versionCoverage(programs))),
      findings: heads(looked),
      of: looked,
    };
  };

  /** What runs stands first. */
  function sourcesOf({ hunts, campaign: { status, trouble } }: Looked): LiveSource[] {
    const { elapsedMs = 0, sequences = 0 } = status?.progress ?? {};
    const lab =
      queue && status
        ? [
            campaignSource(status, {
              rate: rateOf(`campaign ${status.campaign?.id}`, { atMs: elapsedMs, sequences }),
              ...{ shown: queue.shown, trouble },
            }),
          ]
        : [];
    const local = hunts.map((hunt) =>
      huntSource(
        hunt.key,
        hunt.status,
        rateOf(hunt.key, { atMs: hunt.status.elapsedMs, sequences: hunt.status.sequences }),
        Date.now(),
      ),
    );
    const place = ({ is }: LiveSource): number => (is === 'running' ? 0 : 1);
    return [...lab, ...local].sort((a, b) => place(a) - place(b));
  }
}

/** A text with the number of its changes. `as`: what is sent of it. */
function revised(): (text: string, as?: () => string) => { revision: number; text: string } {
  let last = '';
  let said = { revision: 0, text: '' };
  return (text, as = () => text) => {
    if (text !== last || said.revision === 0) said = { revision: said.revision + 1, text: as() };
    last = text;
    return said;
  };
}

/** The findings of the store, then what only the campaign has; each with the revision in which it changed last. */
function openHeads(): (looked: Looked) => Seen['findings'] {
  let shown: Seen['findings'] = { revision: 0, heads: [] };
  let known = new Map<string, ShownHead & { text: string }>();
  let order = '';
  return ({ findings, campaign }) => {
    const stored = findings.heads.map(({ head }) => head);
    const elsewhere = campaignHeads(
      campaign.status?.progress?.findings ?? [],
      new Set(stored.map(({ id }) => id)),
    );
    const revision = shown.revision + 1;
    const heads = [...stored, ...elsewhere].map((head) => {
      const last = known.get(head.id);
      if (last?.head === head) return last;
      const text = JSON.stringify(head);
      return last?.text === text ? last : { revision, head, text };
    });
    const ids = heads.map(({ head }) => head.id).join();
    const isChanged = ids !== order || heads.some((each) => each.revision === revision);
    if (!isChanged && shown.revision > 0) return shown;
    order = ids;
    known = new Map(heads.map((each) => [each.head.id, each]));
    shown = { revision, heads };
    return shown;
  };
}
