import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { blockIn } from '../../findings/bug-report/block.ts';
import type { BlockRuns } from '../../findings/finding.ts';
import { guessReads } from '../../target/confine/program-reads.ts';
import { confine } from '../../target/confine/sandbox.ts';
import { writeBinDir } from '../../target/programs/bin-dir.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import { findExecutable } from '../../target/programs/executable.ts';
import { roles } from '../../target/programs/program.ts';
import { limits } from '../limits.ts';

/**
 * Runs the block of a written report by bash alone, until it shows the defect, some times at most. undefined where there is
 * no block, or no bash, or time is up before one run has said anything. The block is shut in as QEMU is.
 */
export async function runBlock(
  findingDir: string,
  target: QemuTarget,
  cancelSignal: AbortSignal,
): Promise<BlockRuns | undefined> {
  const block = blockIn(readFileSync(join(findingDir, 'README.md'), 'utf8'));
  const bash = findExecutable('bash');
  if (block === undefined || bash === undefined || !findExecutable('qemu-io')) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'mf-block-'));
  try {
    const bin = writeBinDir(target, join(dir, 'bin'));
    const file = join(dir, 'block.sh');
    writeFileSync(file, `${block}\n`);
    const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, TMPDIR: dir };
    const reads = roles.flatMap((role) => (target[role] ? guessReads(target[role]) : []));
    const needs = { ...(target.daemon ?? target.system)?.needs, reads };
    const [command, ...args] = confine({ argv: [bash], env, needs }, [file], dir);
    let of = 0;
    while (of < limits.blockRunsMax && !cancelSignal.aborted) {
      const { exitCode } = await execa(command as string, args, {
        env,
        reject: false,
        stdio: 'ignore',
        timeout: limits.blockDeadlineMs,
        forceKillAfterDelay: 1000,
        cancelSignal,
      });
      if (cancelSignal.aborted) break;
      of++;
      if (exitCode === 1) return { ok: 1, of, label: target.label };
    }
    return of === 0 ? undefined : { ok: 0, of, label: target.label };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
