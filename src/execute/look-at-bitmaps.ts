import { isJsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import { readBitmaps } from '../target/guest/nbd-bitmaps.ts';
import { limits } from './limits.ts';
import { exportToLook } from './own-export.ts';
import type { Answer, Command, Run } from './run.ts';

type Shown = { name: string; granularityBytes: number; recording: boolean };

/**
 * Reads the dirty bitmaps that `nodes`, an answer to query-named-block-nodes, shows: each node gets an export of its own
 * with all of them, which the tear-down removes. A read-only export takes no bitmap that records, so that they are
 * disabled first: all is over.
 */
export async function lookAtBitmaps(run: Run, nodes: Answer): Promise<void> {
  for (const [i, { node, bitmaps }] of bitmapsIn(nodes).slice(0, limits.bitmapNodesRead).entries()) {
    const names = bitmaps.map(({ name }) => name);
    const first = bitmaps
      .filter(({ recording }) => recording)
      .map(({ name }): Command => ({ name: 'block-dirty-bitmap-disable', args: { node, name } }));
    const where = await exportToLook(run, { id: `look-${i}`, node, bitmaps: names, first });
    const read = where && (await readBitmaps(where, names));
    if (run.broken) return;
    if (!read || 'error' in read) continue;
    for (const [j, { dirty, bitmap }] of read.entries()) {
      const granularityBytes = bitmaps[j]?.granularityBytes ?? 0;
      run.recorder.record({ kind: 'bitmap', node, bitmap, granularityBytes, dirty });
    }
  }
}

/** Nodes with a name of their own that have bitmaps with one, but for those that something has or that can't be read. */
function bitmapsIn(answer: Answer): { node: string; bitmaps: Shown[] }[] {
  if (answer.kind !== 'reply' || !Array.isArray(answer.return)) return [];
  return answer.return.filter(isJsonObject).flatMap(({ 'node-name': node, 'dirty-bitmaps': list }) => {
    const bitmaps = Array.isArray(list) ? list.flatMap(shownOf) : [];
    const isNamed = typeof node === 'string' && !node.startsWith('#');
    return isNamed && bitmaps.length > 0 ? [{ node, bitmaps }] : [];
  });
}

function shownOf(entry: Json): Shown[] {
  if (!isJsonObject(entry)) return [];
  const { name, granularity, recording, busy, inconsistent } = entry;
  if (typeof name !== 'string' || name === '' || typeof granularity !== 'number') return [];
  if (busy === true || inconsistent === true) return [];
  return [{ name, granularityBytes: granularity, recording: recording === true }];
}
