import { ideDevice, ideNothing } from '../../sequence/device-names.ts';
import type { Trace } from '../../trace/observation.ts';
import { limits } from '../limits.ts';
import { type Command, issueAll, type Run, until } from '../run.ts';
import { pluggedIds, setDrive } from './devices.ts';
import { reset } from './reset.ts';

/**
 * Takes all devices out of the machine, those of steps too, and stops it as it was before it ran. A PCI device waits for
 * its guest to let it go, which none does here, or for a reset (acpi_pcihp_reset). false where something stays.
 */
export async function unplug(run: Run): Promise<boolean> {
  const { ideBytes } = run.session.hardware;
  const planned = run.sequence.arena.disks.flatMap(pluggedIds);
  const { ids: found, nameless } = pluggedIn(run.recorder.trace);
  // Controllers after what hangs on them; what a step has added may hang on those.
  const ids = [...found.filter((id) => !planned.includes(id)), ...planned.filter((id) => found.includes(id))];
  await issueAll(run, [
    ...ids.map(deviceDel),
    ...(ideBytes === undefined ? [] : [setDrive(ideDevice, ideNothing)]),
  ]);
  if (!(await reset(run, [{ name: 'stop' }])) || nameless) return false;
  const isEmpty = (): boolean => pluggedIn(run.recorder.trace).ids.length === 0;
  const gone = await until(
    run,
    () => (isEmpty() ? 'gone' : run.broken ? 'broken' : undefined),
    limits.closingDeadlineMs,
  );
  return gone === 'gone';
}

const deviceDel = (id: string): Command => ({ name: 'device_del', args: { id } });

/**
 * The devices that were added and have not said that they are gone: only then is their node free, which a list of the
 * machine's devices does not show. `nameless`: one has no id to take it out by, and will not say that it is gone.
 */
function pluggedIn(trace: Trace): { ids: string[]; nameless: boolean } {
  const asked = new Map<string, string | undefined>();
  const there = new Set<string | undefined>();
  for (const seen of trace) {
    if (seen.kind === 'restarted') there.clear();
    if (seen.kind === 'command' && seen.name === 'device_add')
      asked.set(JSON.stringify(seen.id), typeof seen.args.id === 'string' ? seen.args.id : undefined);
    if (seen.kind === 'reply' && !seen.error) {
      const key = JSON.stringify(seen.id);
      if (asked.has(key)) there.add(asked.get(key));
    }
    if (seen.kind === 'event' && seen.name === 'DEVICE_DELETED' && typeof seen.data.device === 'string')
      there.delete(seen.data.device);
  }
  return { ids: [...there].filter((id) => id !== undefined), nameless: there.has(undefined) };
}
