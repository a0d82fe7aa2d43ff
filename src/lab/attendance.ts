import type { Mask } from '../campaign/discoveries/mask.ts';
import { type Interesting, openInteresting } from '../campaign/feedback/interesting.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import type { ToWorker } from '../campaign/worker/worker-messages.ts';
import { UsageError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { beat } from './heartbeat.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import { type Campaign, campaignSchema, type WorkerSaid } from './messages.ts';
import { readNews } from './news.ts';

/** What a worker knows of the campaign that is in the queue: which one it is, and what is new in it. */
export type Attendance = {
  campaign(): Campaign | undefined;
  /** What may be varied. */
  interesting(): Interesting;
  /** What a new process of a lane has to know of it. */
  greeting(): ToWorker;
  /** Is heard, and hears what is new. UsageError: this worker does not fit the campaign. */
  attend(): Promise<void>;
  /** Whether a job is of the campaign that is in the queue, which may have begun since this worker looked. */
  isOf(campaign: string): Promise<boolean>;
};

export function openAttendance(
  connection: Connection,
  of: {
    tool: { version: string };
    digests: ReadonlyMap<string, string>;
    said(): WorkerSaid;
    joined(campaign: Campaign): void;
    left(): void;
    /** What was shown to another campaign, or was lost with Redis, has to be shown again. */
    forget(): void;
    toLanes(message: ToWorker): void;
  },
): Attendance {
  let campaign: Campaign | undefined;
  let hasJoined = false;
  let interesting = openInteresting(campaignLimits.interestingMax);
  let masks: readonly Mask[] = [];
  let newsSince = '0';

  let attending: Promise<void> | undefined;

  return {
    campaign: () => campaign,
    interesting: () => interesting,
    greeting: () => ({ kind: 'masks', masks: campaign?.mask ? masks : [] }),
    attend,
    async isOf(id) {
      if (campaign?.id !== id) await attend();
      return campaign?.id === id;
    },
  };

  /** Lanes and the clock share one look. */
  async function attend(): Promise<void> {
    attending ??= look().finally(() => {
      attending = undefined;
    });
    await attending;
  }

  async function look(): Promise<void> {
    await beat(connection, of.said());
    await lookAt(await connection.redis.get(keys(connection.prefix).campaign));
    if (!campaign) return;
    const read = await readNews(connection, newsSince);
    newsSince = read.since;
    for (const each of read.news) {
      if (each.kind === 'sequence') interesting.consider(each.version, { ...each, triples: {} });
      else if (each.kind === 'reported') of.toLanes({ ...each });
      else {
        masks = each.masks;
        if (campaign.mask) of.toLanes({ kind: 'masks', masks });
      }
    }
  }

  async function lookAt(text: string | null): Promise<void> {
    const parsed = campaignSchema.safeParse(text === null ? undefined : jsonOf(text));
    const now = parsed.success ? parsed.data : undefined;
    if (text !== null && !now) {
      mustBeOfThisVersion(jsonOf(text));
      throw new UsageError(`the campaign at ${connection.shown} can't be read`, sameVersion);
    }
    if (now?.id === campaign?.id && now?.epoch === campaign?.epoch) return;
    if (campaign && !now) of.left();
    if (now) mustFit(now);
    // Redis may have been seen empty in between.
    if (now && hasJoined) of.forget();
    if (now) hasJoined = true;
    campaign = now;
    newsSince = '0';
    masks = [];
    interesting = openInteresting(campaignLimits.interestingMax);
    if (now) of.joined(now);
  }

  function mustFit({ tool, properties }: Campaign): void {
    mustBeOfThisVersion({ tool });
    const other = properties.find(({ name, digest }) => of.digests.get(name) !== digest);
    if (other) throw new UsageError(`properties/${other.name} is not the coordinator's`, sameVersion);
  }

  /** Another version's campaign may have another shape: what it says of its version is all that is read of it. */
  function mustBeOfThisVersion(record: unknown): void {
    const parsed = campaignSchema.pick({ tool: true }).safeParse(record);
    if (!parsed.success) return;
    const { tool } = parsed.data;
    const own = `${of.tool.version}, protocol ${limits.protocol}`;
    const theirs = `${tool.version}, protocol ${tool.protocol}`;
    if (own !== theirs)
      throw new UsageError(`this is mirrorfuzz ${own}, the campaign is of ${theirs}`, sameVersion);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const sameVersion = 'install the same mirrorfuzz, with the same properties, on every machine of a lab';
