import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import { startHolder } from '../process/keepalive-process.ts';

/** A loop device over a file. The kernel takes it away when nobody has it open any more, however they end. */
export type LoopDevice = {
  /** `/dev/loopN`. */
  path: string;
  /** The file's length is the device's from now on, and the file's bytes: nothing of before is cached. */
  reload(): Promise<void>;
  /** What was written to the device is in the file. */
  flush(): Promise<void>;
  setReadOnly(readOnly: boolean): Promise<void>;
  /** Gives it up; it is gone once QEMU has closed it, too. */
  release(): void;
};

/** EnvironmentError: no device is free, or they are not ours to take. */
export async function attachLoop(file: string): Promise<LoopDevice> {
  const holder = await startHolder('sh', ['-c', holding, 'sh', file]).catch((error: Error) => {
    throw new EnvironmentError(`losetup: ${error.message}`, 'mirrorfuzz doctor');
  });
  const path = holder.said;
  return {
    path,
    async reload() {
      await losetup('--set-capacity', path);
      await blockdev('--setrw', '--flushbufs', path);
    },
    flush: () => blockdev('--flushbufs', path),
    setReadOnly: (readOnly) => blockdev(readOnly ? '--setro' : '--setrw', path),
    release: holder.kill,
  };
}

/**
 * Detached while in use, a device is only marked to go with its last user (LO_FLAGS_AUTOCLEAR). That is a shell which
 * reads from us: it ends with us, and whenever we end it has done all this first.
 */
const holding =
  'L=$(losetup --find --show -- "$1") && exec 9< "$L" && losetup --detach "$L" && echo "$L" && exec cat > /dev/null';

/** The next free device as `losetup` sees it, undefined where there is none. */
export async function freeLoop(): Promise<string | undefined> {
  const path = await losetup('--find').catch(() => undefined);
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** Writes a file's bytes into another one that stays the same file; holes stay holes. */
export async function copyInto(file: string, from: string): Promise<void> {
  await run('cp', ['--sparse=always', '--', from, file]);
}

const losetup = (...args: string[]): Promise<string> => run('losetup', args);
const blockdev = async (...args: string[]): Promise<void> => void (await run('blockdev', args));

async function run(command: string, args: readonly string[]): Promise<string> {
  const result = await execa(command, args, { reject: false, stdin: 'ignore' });
  if (!result.failed) return result.stdout.trim();
  const why = result.stderr?.trim().split('\n').at(-1) || result.shortMessage;
  throw new EnvironmentError(`${command} ${args.join(' ')}: ${why}`, 'mirrorfuzz doctor');
}
