import { hostname } from 'node:os';
import { campaignId, clearQueues, readCampaignRecord, writeCampaignRecord } from './campaign-record.ts';
import type { Connection } from './connection.ts';
import type { LabPlan } from './lab-plan.ts';
import { limits } from './limits.ts';
import type { Campaign } from './messages.ts';
import { propertyDigests } from './property-digests.ts';

/** A hunt's record: the one that is there where it is of the same campaign, else a new one, and nothing of the old. */
export async function beginCampaign(connection: Connection, plan: LabPlan): Promise<Campaign> {
  const digests = await propertyDigests(plan.propertyFiles);
  const properties = plan.properties.map((name) => ({ name, digest: digests.get(name) ?? '' }));
  const { seed, shrink, mask, feedback, budget, storage } = plan;
  const tool = { ...plan.tool, protocol: limits.protocol };
  const what = { tool, seed, properties, shrink, mask, feedback, ...(storage ? { storage } : {}) };
  const id = campaignId(what);
  const there = await readCampaignRecord(connection);
  const isSame = there?.id === id;
  if (!isSame) await clearQueues(connection);
  const campaign: Campaign = {
    ...{ ...what, kind: 'hunt', id, budget, host: hostname().slice(0, 200) },
    epoch: isSame ? there.epoch : 0,
    startedAt: isSame ? there.startedAt : new Date().toISOString(),
  };
  await writeCampaignRecord(connection, campaign);
  return campaign;
}

/** The seed of a campaign that is there and that nobody coordinates; undefined where there is none. */
export async function seedToResume(connection: Connection): Promise<string | undefined> {
  const there = await readCampaignRecord(connection);
  return there?.kind === 'hunt' ? there.seed : undefined;
}
