import { execa } from 'execa';
import type { QemuTarget } from '../binary.ts';
import { limits } from '../limits.ts';

/**
 * Whether a QEMU has its iscsi driver, which Debian packs apart. A user without a password is refused by the driver
 * itself, before it asks any server.
 */
export async function hasIscsiDriver({ system, daemon }: QemuTarget): Promise<boolean> {
  const program = system ?? daemon;
  if (!program) return false;
  const [file, ...first] = program.argv;
  const node = 'driver=iscsi,node-name=probe,transport=tcp,portal=127.0.0.1,target=probe,user=probe';
  const machine = program === system ? ['-machine', 'none', '-nodefaults', '-display', 'none'] : [];
  const { stderr } = await execa(file as string, [...first, ...machine, '--blockdev', node], {
    stdin: 'ignore',
    reject: false,
    extendEnv: true,
    env: program.env,
    timeout: limits.versionDeadlineMs,
    killSignal: 'SIGKILL',
  });
  return /no password was given/.test(stderr);
}
