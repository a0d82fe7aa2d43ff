// Runs the block of every report by bash alone, on these QEMUs (label; all that are here without one), up to 20 times until it
// shows the defect: node scripts/blocks.ts [QEMU…]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockIn } from '../src/findings/bug-report/block.ts';
import { openFindings } from '../src/findings/store.ts';
import { writeBinDir } from '../src/target/programs/bin-dir.ts';
import { listQemu, resolveQemu } from '../src/target/programs/binary.ts';

const runsMax = 20;
const labels = process.argv.slice(2);
const targets = labels.length > 0 ? await Promise.all(labels.map(resolveQemu)) : await listQemu();
const dir = mkdtempSync(join(tmpdir(), 'mf-blocks-'));
const store = openFindings('findings');
try {
  for (const target of targets) {
    const bin = writeBinDir(target, join(dir, target.version));
    for (const { id, title, affected } of store.list().findings) {
      const block = blockIn(readFileSync(join(store.dir, id, 'README.md'), 'utf8')) ?? 'exit 2';
      const [runs, said] = untilShown(block, bin);
      const known = affected.filter(({ version }) => version === target.version);
      const rate = known.map(({ ok, of }) => `${ok}/${of}`).join(' ') || 'not tried';
      console.log(
        `${target.version}  ${id.slice(0, 4)}  ${said.padEnd(6)} run ${runs}  finding: ${rate}  ${title}`,
      );
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function untilShown(block: string, bin: string): [runs: number, said: string] {
  for (let run = 1; run <= runsMax; run++) {
    const { status } = spawnSync('bash', { input: block, env: { PATH: `${bin}:${process.env.PATH}` } });
    if (status === 1) return [run, 'shows'];
    if (status !== 0) return [run, `cannot (${status})`];
  }
  return [runsMax, 'absent'];
}
