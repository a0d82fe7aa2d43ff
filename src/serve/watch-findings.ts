import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { idsIn, readFinding } from '../findings/list.ts';
import { asListed } from '../findings/weight.ts';
import type { FindingHead } from '../page/model.ts';
import { printable } from '../printable.ts';
import { findingHead } from '../report/page/finding-page.ts';
import { limits } from './limits.ts';

/** A store as it was when it was last looked at. `revision` grows with each change; what has not changed is the same object. */
export type WatchedFindings = {
  revision: number;
  /** The most serious first, then the newest; what is fixed last. */
  heads: { head: FindingHead; finding: Finding }[];
  notes: string[];
};

/** Looks at a store again and again. Only what has changed is read; who reads many lets others work in between. */
export function watchFindings(store: string): () => Promise<WatchedFindings> {
  const known = new Map<string, Known>();
  let watched: WatchedFindings = { revision: 0, heads: [], notes: [] };
  return async () => {
    const { ids, notes } = listed(store);
    const shown = ids.slice(0, limits.findingsShownMax);
    let isChanged = false;
    const names = new Set(shown);
    for (const id of [...known.keys()].filter((each) => !names.has(each))) {
      known.delete(id);
      isChanged = true;
    }
    let begunMs = performance.now();
    for (const id of shown) {
      const stamp = stampOf(join(store, id, 'finding.json'));
      if (known.get(id)?.stamp === stamp) continue;
      known.set(id, { stamp, ...looked(store, id) });
      isChanged = true;
      if (performance.now() - begunMs < limits.readStretchMs) continue;
      await setImmediate();
      begunMs = performance.now();
    }
    const complaints = [...known.values()].flatMap(({ complaint }) => complaint ?? []);
    const cut = ids.length - shown.length;
    const cutNote =
      cut > 0 ? [`${cut} more findings are in the store: ${limits.findingsShownMax} are shown.`] : [];
    watched = {
      revision: watched.revision + (isChanged ? 1 : 0),
      heads: isChanged ? [...known.values()].flatMap(readable).sort(inOrder) : watched.heads,
      notes: [...notes, ...complaints, ...cutNote],
    };
    return watched;
  };
}

type Known = { stamp: string; finding?: Finding; head?: FindingHead; complaint?: string };

const readable = ({ finding, head }: Known): WatchedFindings['heads'] =>
  finding && head ? [{ finding, head }] : [];

/** When it was last met moves with every sequence, so the order goes by when it was first seen. */
const inOrder = (a: { finding: Finding }, b: { finding: Finding }): number =>
  asListed(a.finding, b.finding) ||
  b.finding.firstSeen.localeCompare(a.finding.firstSeen) ||
  a.finding.id.localeCompare(b.finding.id);

function listed(store: string): { ids: string[]; notes: string[] } {
  try {
    const notes = existsSync(store) ? [] : [`There is no ${printable(store)} yet: a hunt makes it.`];
    return { ids: idsIn(store), notes };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { ids: [], notes: [printable(error.message)] };
  }
}

function looked(store: string, id: string): Pick<Known, 'finding' | 'head' | 'complaint'> {
  try {
    const finding = readFinding(join(store, id));
    // The page asks for the detail by the id of the directory, whatever stands in it.
    return { finding, head: { ...findingHead(finding), id, detail: 0 } };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { complaint: printable(error.message) };
  }
}

/** Files are replaced as a whole, so a change has another inode. */
function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : 'none';
}
