import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFinding } from '../../src/findings/new-finding.ts';
import { reproScript } from '../../src/findings/repro/script.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import type { Violation } from '../../src/judge/rule.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { temporaryDir } from '../target/temporary.ts';
import { crashFound } from './found.ts';

/** The repro.sh of a finding that was never stored. */
export function scriptOf(trace: Trace, violation: Violation): string {
  const signature = signatureOf(violation, trace);
  const finding = newFinding(
    { ...crashFound(), rule: violation.rule, signature, violation, trace },
    new Date(),
  );
  return reproScript(finding, trace);
}

export function ran(text: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const file = join(temporaryDir(), 'repro.sh');
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync('bash', [file, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}
