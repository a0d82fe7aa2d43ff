import { execa } from 'execa';
import type { QemuTarget } from '../binary.ts';
import { limits } from '../limits.ts';

/**
 * Whether a QEMU has its nfs driver, which Debian packs apart. A path without a directory is refused by the driver itself,
 * before it asks any server.
 */
export async function hasNfsDriver({ system, daemon }: QemuTarget): Promise<boolean> {
  const program = system ?? daemon;
  if (!program) return false;
  const [file, ...first] = program.argv;
  const node = 'driver=nfs,node-name=probe,server.type=inet,server.host=127.0.0.1,path=probe';
  const machine = program === system ? ['-machine', 'none', '-nodefaults', '-display', 'none'] : [];
  const { stderr } = await execa(file as string, [...first, ...machine, '--blockdev', node], {
    stdin: 'ignore',
    reject: false,
    extendEnv: true,
    env: program.env,
    timeout: limits.versionDeadlineMs,
    killSignal: 'SIGKILL',
  });
  return /Invalid URL/.test(stderr);
}
