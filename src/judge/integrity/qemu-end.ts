import { hasTrait } from '../../qemu/versions.ts';
import { asPlace, type Place } from '../../trace/place.ts';
import type { Evidence } from '../reading/evidence.ts';

/** How QEMU let go of the images. */
export type QemuEnd = {
  /** It closed them itself: they were removed one by one, or it exited as told. */
  clean: boolean;
  /** Place from which on it changed nothing. */
  at: Place;
  /** Where `quit` was sent, if it was. */
  quitAt: Place | undefined;
};

export function qemuEndOf({ trace, opened }: Evidence): QemuEnd {
  const at = (place: Place): Place | undefined => (place < 0 ? undefined : place);
  const quitAt = at(trace.findIndex((seen) => seen.kind === 'command' && seen.name === 'quit'));
  const exitAt = at(trace.findIndex((seen) => seen.kind === 'exit'));
  const exit = exitAt === undefined ? undefined : trace[exitAt];
  const disconnected = trace.some((seen) => seen.kind === 'disconnect');
  const afterAt = at(trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'after'));
  // The storage daemon of 5.2 leaves its images as they are when it quits (6.0: "add missing cleanup calls").
  const closesAtQuit =
    opened.qemu.flavour === 'system' || hasTrait(opened.qemu.version, 'daemon closes images');
  const exitedWell = exit?.kind === 'exit' && exit.code === 0 && closesAtQuit;
  return {
    clean: exitedWell || (exit === undefined && quitAt === undefined && !disconnected),
    at: exitAt ?? afterAt ?? asPlace(trace.length),
    quitAt,
  };
}
