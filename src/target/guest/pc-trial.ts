import { EnvironmentError } from '../../errors.ts';
import { deviceModels } from '../../sequence/device-names.ts';
import type { Session } from '../process/live-session.ts';
import { startSession } from '../process/session.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { openRunRoot } from '../run-dir.ts';
import type { Lack } from '../storage/trial.ts';

/** What a machine with a guest turned out to be like; `lacking`: the models of disks' devices that QEMU says it has not. */
export type PcTrial = { lack: Lack } | { lack?: undefined; lacking: ReadonlySet<string> };

/** Whether a machine with a guest starts: it needs the system emulator and its firmware. Tried once in a process. */
export function triedPc(target: QemuTarget): Promise<PcTrial> {
  const asked = trials.get(target.path) ?? startPc(target);
  trials.set(target.path, asked);
  return asked;
}

const trials = new Map<string, Promise<PcTrial>>();

async function startPc(target: QemuTarget): Promise<PcTrial> {
  if (!target.system)
    return { lack: { lacks: `QEMU ${target.label} has no qemu-system-x86_64, which a guest boots on` } };
  const root = await openRunRoot();
  try {
    const session = await startSession({
      target,
      flavour: 'system',
      hardware: { machine: 'pc' },
      dir: root.sessionDir(),
    });
    const lacking = await lackingIn(session);
    await session.stop();
    return { lacking };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { lack: { lacks: error.message } };
  } finally {
    root.remove();
  }
}

/** Asked one by one: to list all types QEMU loads every module that it finds, and dies of one from another build. */
async function lackingIn({ client, nextCommandId }: Session): Promise<ReadonlySet<string>> {
  const lacking = new Set<string>();
  for (const typename of Object.values(deviceModels).flatMap((each) => Object.values<string>(each))) {
    const answer = await client.command('device-list-properties', { typename }, { id: nextCommandId() })
      .reply;
    if (answer.kind === 'reply' && answer.error?.class === 'DeviceNotFound') lacking.add(typename);
  }
  return lacking;
}
