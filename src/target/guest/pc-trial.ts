import { EnvironmentError } from '../../errors.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Session } from '../process/live-session.ts';
import { startSession } from '../process/session.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { openRunRoot } from '../run-dir.ts';
import type { Lack } from '../storage/trial.ts';

/** What a machine with a guest turned out to be like; `devices`: what models of devices QEMU says it has. */
export type PcTrial = { lack: Lack } | { lack?: undefined; devices: ReadonlySet<string> };

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
    const devices = await modelsIn(session);
    await session.stop();
    return { devices };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { lack: { lacks: error.message } };
  } finally {
    root.remove();
  }
}

async function modelsIn({ client, nextCommandId }: Session): Promise<ReadonlySet<string>> {
  const asked = { implements: 'device', abstract: false };
  const answer = await client.command('qom-list-types', asked, { id: nextCommandId() }).reply;
  const types = answer.kind === 'reply' && Array.isArray(answer.return) ? answer.return : [];
  return new Set(
    types.flatMap((type) => (isJsonObject(type) && typeof type.name === 'string' ? [type.name] : [])),
  );
}
