import { seedTextFor } from '../sequence/fill.ts';
import { isJsonObject } from '../sequence/json-object.ts';
import { connectNbd, type NbdConnection, type NbdExport } from '../target/guest/nbd-connection.ts';
import { errnoText } from '../target/guest/nbd-wire.ts';
import { originRuns } from '../target/images/content-runs.ts';
import { limits } from './limits.ts';
import { exportToLook } from './own-export.ts';
import type { Answer, Run } from './run.ts';

/** Reads what each snapshot-access node shows that `nodes`, an answer to query-named-block-nodes, lists. */
export async function lookAtPast(run: Run, nodes: Answer): Promise<void> {
  const list = nodes.kind === 'reply' && Array.isArray(nodes.return) ? nodes.return.filter(isJsonObject) : [];
  const names = list.flatMap(({ drv, 'node-name': node }) =>
    drv === 'snapshot-access' && typeof node === 'string' && !node.startsWith('#') ? [node] : [],
  );
  for (const [i, node] of names.entries()) {
    const where = await exportToLook(run, { id: `look-past-${i}`, node });
    const read = where && (await readBegin(where));
    if (run.broken) return;
    if (!read) continue;
    if ('error' in read)
      run.recorder.record({ kind: 'past', node, runs: [], text: read.error, failed: read.failed });
    else run.recorder.record({ kind: 'past', node, runs: runsOf(run, read) });
  }
}

type Unread = { error: string; failed: 'read' | 'otherwise' };

async function readBegin(where: NbdExport): Promise<Buffer | Unread> {
  const connection = connectNbd(where);
  try {
    const opened = await connection.opened;
    if ('error' in opened) return { error: opened.error, failed: 'otherwise' };
    return await readAll(connection, Math.min(opened.sizeBytes, limits.pastReadBytes));
  } finally {
    connection.destroy();
  }
}

async function readAll(connection: NbdConnection, sizeBytes: number): Promise<Buffer | Unread> {
  const pieces: Buffer[] = [];
  const pieceBytes = 2 ** 20;
  for (let at = 0; at < sizeBytes; at += pieceBytes) {
    const lengthBytes = Math.min(pieceBytes, sizeBytes - at);
    const late = setTimeout(() => connection.destroy(), limits.pastReadDeadlineMs);
    const ended = await connection.request({ command: 'read', offsetBytes: at, lengthBytes });
    clearTimeout(late);
    if (ended.end === 'error') return { error: errnoText(ended.errno), failed: 'read' };
    if (ended.end === 'gone') return { error: 'no answer', failed: 'otherwise' };
    pieces.push(ended.bytes);
  }
  return Buffer.concat(pieces);
}

function runsOf(run: Run, bytes: Buffer): ReturnType<typeof originRuns> {
  const { seed } = run.sequence;
  const disks = [...run.disks.keys()].map((name) => ({ name, seedText: seedTextFor(name, seed) }));
  return originRuns(bytes, 0, disks, run.nextGuestRequest - 1);
}
