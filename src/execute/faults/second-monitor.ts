import { createQmpClient, type QmpClient } from '../../qmp/client.ts';
import type { FaultStep } from '../../sequence/step.ts';
import type { Session } from '../../target/process/live-session.ts';
import type { Run } from '../run.ts';
import { resolveArgs } from '../steps/resolve.ts';
import { type Armed, refused } from './inserted-node.ts';

type MonitorStep = Extract<FaultStep, { fault: 'monitor' }>;

/** Kept as long as the session: its greeting comes once. */
const clients = new WeakMap<Session, Promise<QmpClient>>();

/**
 * Commands of somebody at another monitor, all at once; nobody waits for their answers here, but settling does. What
 * they do to jobs is not followed (judge/reading/undecided-from.ts).
 */
export async function otherMonitorSpeaks(run: Run, { commands }: MonitorStep): Promise<Armed> {
  const { session } = run;
  if (!session.secondMonitor) return refused('this session has one monitor');
  const known = clients.get(session) ?? connect(session);
  clients.set(session, known);
  const client = await known;
  const resolved = commands.map(({ qmp, args = {}, oob = false }) => {
    const { args: given } = resolveArgs(run, { qmp, args });
    return { name: qmp, args: given, oob };
  });
  const sent = client.commands(resolved);
  run.inFlight.commands += sent.length;
  for (const { reply } of sent)
    void reply.then(() => {
      run.inFlight.commands--;
      run.recorder.wake();
    });
  return { outcome: 'armed', sent: resolved };
}

async function connect(session: Session): Promise<QmpClient> {
  const socket = await session.secondMonitor;
  const client = createQmpClient({ write: (bytes) => void socket?.write(bytes), seen: () => {} });
  socket?.on('data', client.receive);
  socket?.on('error', () => {}); // `close` follows
  socket?.on('close', client.end);
  await client.negotiate({ oob: true });
  return client;
}
