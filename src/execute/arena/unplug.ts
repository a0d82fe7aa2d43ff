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
  const found = pluggedIn(run.recorder.trace);
  // Controllers after what hangs on them; what a step has added may hang on those.
  const ids = [...found.filter((id) => !planned.includes(id)), ...planned.filter((id) => found.includes(id))];
  await issueAll(run, [
    ...ids.map(deviceDel),
    ...(ideBytes === undefined ? [] : [setDrive(ideDevice, ideNothing)]),
  ]);
  if (!(await reset(run, [{ name: 'stop' }])) || nameless(run.recorder.trace)) return false;
  const isEmpty = (): boolean => pluggedIn(run.recorder.trace).length === 0;
  const gone = await until(
    run,
    () => (isEmpty() ? 'gone' : run.broken ? 'broken' : undefined),
    limits.closingDeadlineMs,
  );
  return gone === 'gone';
}

/** A device that a step has added without an id: no name to take it out by, and no event that it is gone. */
function nameless(trace: Trace): boolean {
  const asked = new Set<string>();
  return trace.some((seen) => {
    if (seen.kind === 'restarted') asked.clear();
    if (seen.kind === 'command' && seen.name === 'device_add' && typeof seen.args.id !== 'string')
      asked.add(JSON.stringify(seen.id));
    return seen.kind === 'reply' && !seen.error && asked.has(JSON.stringify(seen.id));
  });
}

const deviceDel = (id: string): Command => ({ name: 'device_del', args: { id } });

/**
 * Ids of the devices that were added and have not said that they are gone: only then is their node free, which a list of
 * the machine's devices does not show.
 */
function pluggedIn(trace: Trace): string[] {
  const asked = new Map<string, string>();
  const there = new Set<string>();
  for (const seen of trace) {
    if (seen.kind === 'restarted') there.clear();
    if (seen.kind === 'command' && seen.name === 'device_add' && typeof seen.args.id === 'string')
      asked.set(JSON.stringify(seen.id), seen.args.id);
    if (seen.kind === 'reply' && !seen.error) {
      const id = asked.get(JSON.stringify(seen.id));
      if (id !== undefined) there.add(id);
    }
    if (seen.kind === 'event' && seen.name === 'DEVICE_DELETED' && typeof seen.data.device === 'string')
      there.delete(seen.data.device);
  }
  return [...there];
}
