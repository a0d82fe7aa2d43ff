import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CampaignEvent } from '../campaign/campaign-event.ts';
import type { Discovery } from '../campaign/discoveries/discovery.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import { openFindings } from '../findings/store.ts';
import type { Crew } from './crew.ts';

/** What the gate's hunt is to have met that nobody knows of. */
export type HuntedFinding = { discovery: Discovery; dir: string };

export type HuntForNew = {
  /** Resolves when it is over, with what could not be shown again yet: it is told by `found` otherwise. */
  finished: Promise<HuntedFinding[]>;
  kill(): Promise<void>;
};

/**
 * A hunt on the candidate whose store is a copy: it has only what is known to show there, so that the rest is found,
 * shrunk and recorded as if for the first time. `found` hears of each that is as small as it gets.
 */
export function huntForNew(
  plan: Omit<HuntPlan, 'findingsDir'> & { workDir: string; knownDirs: readonly string[] },
  hunt: Crew['hunt'],
  heard: (event: CampaignEvent) => void,
  found: (finding: HuntedFinding) => void,
): HuntForNew {
  const findingsDir = join(plan.workDir, 'findings');
  mkdirSync(findingsDir, { recursive: true });
  for (const dir of plan.knownDirs)
    cpSync(dir, join(findingsDir, dir.split('/').at(-1) as string), { recursive: true });
  const store = openFindings(findingsDir);
  const told = new Set<string>();
  const hunting = hunt({ ...plan, findingsDir }, (event) => {
    heard(event);
    if (event.kind === 'shrunk' && isNew(event.discovery)) tell(event.discovery);
  });

  return {
    finished: hunting.finished.then(() => hunting.discoveries().filter(isNew).map(withDir)),
    kill: () => hunting.kill(),
  };

  /** One that is told by another finding is not there any more. */
  function isNew({ known, shrunk, id }: Discovery): boolean {
    return !known && shrunk !== 'joined' && !told.has(id);
  }

  function tell(discovery: Discovery): void {
    told.add(discovery.id);
    found(withDir(discovery));
  }

  function withDir(discovery: Discovery): HuntedFinding {
    return { discovery, dir: store.read(discovery.id).dir };
  }
}
