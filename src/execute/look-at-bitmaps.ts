import { isJsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import { readBitmaps } from '../target/guest/nbd-bitmaps.ts';
import { nbdSocket } from './arena/set-up.ts';
import { limits } from './limits.ts';
import { type Answer, type Command, isOk, issueAll, type Run } from './run.ts';

type Shown = { name: string; granularityBytes: number; recording: boolean };

/**
 * Reads the dirty bitmaps that `nodes`, an answer to query-named-block-nodes, shows: each node gets an export of its own
 * with all of them, which the tear-down removes. A read-only export takes no bitmap that records, so that they are
 * disabled first: all is over.
 */
export async function lookAtBitmaps(run: Run, nodes: Answer): Promise<void> {
  if (run.sequence.dialect !== undefined || run.destination) return;
  const found = bitmapsIn(nodes).slice(0, limits.bitmapNodesRead);
  if (found.length === 0 || !(await hasServer(run))) return;
  for (const [i, { node, bitmaps }] of found.entries()) {
    const id = `look-${i}`;
    const names = bitmaps.map(({ name }) => name);
    const disable = bitmaps
      .filter(({ recording }) => recording)
      .map(({ name }): Command => ({ name: 'block-dirty-bitmap-disable', args: { node, name } }));
    const args = { id, type: 'nbd', 'node-name': node, name: id, writable: false, bitmaps: names };
    const answers = await issueAll(run, [...disable, { name: 'block-export-add', args }]);
    if (run.broken) return;
    if (!isOk(answers.at(-1))) continue;
    run.exports.push(id);
    const read = await readBitmaps({ socket: nbdSocket(run), export: id }, names);
    if ('error' in read) continue;
    for (const [j, { dirty, bitmap }] of read.entries()) {
      const granularityBytes = bitmaps[j]?.granularityBytes ?? 0;
      run.recorder.record({ kind: 'bitmap', node, bitmap, granularityBytes, dirty });
    }
  }
}

/** The run's own, on its own socket; where a step may have started or stopped one nobody knows. */
async function hasServer(run: Run): Promise<boolean> {
  const isSteps = run.sequence.steps.some((step) => 'qmp' in step && step.qmp.startsWith('nbd-server-'));
  if (run.nbdServer || isSteps) return run.nbdServer && !isSteps;
  const addr = { type: 'unix', data: { path: nbdSocket(run) } };
  const [started] = await issueAll(run, [{ name: 'nbd-server-start', args: { addr } }]);
  run.nbdServer = isOk(started);
  return run.nbdServer;
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
