import { EnvironmentError } from '../../errors.ts';
import { startSession } from '../process/session.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { openRunRoot } from '../run-dir.ts';
import type { Lack } from '../storage/trial.ts';

/** Whether a machine with a guest starts: it needs the system emulator and its firmware. Tried once in a process. */
export function triedPc(target: QemuTarget): Promise<Lack | undefined> {
  const asked = trials.get(target.path) ?? startPc(target);
  trials.set(target.path, asked);
  return asked;
}

const trials = new Map<string, Promise<Lack | undefined>>();

async function startPc(target: QemuTarget): Promise<Lack | undefined> {
  if (!target.system)
    return { lacks: `QEMU ${target.label} has no qemu-system-x86_64, which a guest boots on` };
  const root = await openRunRoot();
  try {
    const session = await startSession({
      target,
      flavour: 'system',
      hardware: { machine: 'pc' },
      dir: root.sessionDir(),
    });
    await session.stop();
    return undefined;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { lacks: error.message };
  } finally {
    root.remove();
  }
}
