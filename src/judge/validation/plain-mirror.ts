import { mirrorsOntoNode } from '../../model/job-start.ts';
import type { Disk } from '../../sequence/arena.ts';
import { asReference } from '../../sequence/reference.ts';
import type { Json } from '../../sequence/step.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { asStored, spellsNumbers } from './numbers.ts';
import { hasPlainOptions } from './start-arguments.ts';

/**
 * A blockdev-mirror that nothing can stand in the way of: the first command of the steps but for queries, between two
 * plain disks of the same size that nobody uses, with plain options.
 */
export function findPlainMirror(evidence: Evidence): Exchange | undefined {
  const { exchanges, trace } = evidence;
  const begin = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'steps');
  const start =
    begin === -1 ? undefined : exchanges.find(({ sent, name }) => sent > begin && !onlyAsks(name));
  const first = start && opensTarget(start) ? afterOpening(evidence, start) : start;
  if (!first || !mirrorsOntoNode(first.name) || first.oob || first.reply === undefined) return undefined;
  if (spellsNumbers(evidence, first)) return undefined;
  const disturbed = trace.slice(begin, first.reply).some(({ kind }) => disturbances.has(kind));
  const args = asStored(first.args) as Record<string, Json>;
  return !disturbed && hasPlainOptions(first.name, args) && joinsPlainDisks(evidence, first, args)
    ? first
    : undefined;
}

const onlyAsks = (name: string): boolean => name.startsWith('query-') || name === 'qom-list';

const disturbances: ReadonlySet<string> = new Set(['raw-sent', 'fault', 'guest-begin', 'expired']);

/** `newDisk` opens its image by commands of the same step. */
const opensTarget = ({ name }: Exchange): boolean => name === 'blockdev-add';

function afterOpening(evidence: Evidence, opening: Exchange): Exchange | undefined {
  const { exchanges } = evidence;
  const ofStep = exchanges.filter(({ step, sent }) => step === opening.step && sent >= opening.sent);
  const next = ofStep.find((exchange) => !opensTarget(exchange));
  const opened = ofStep.every(
    (exchange) =>
      exchange === next || !opensTarget(exchange) || replyOf(evidence, exchange)?.return !== undefined,
  );
  return opened ? next : undefined;
}

function joinsPlainDisks(
  { opened: { sequence } }: Evidence,
  { step }: Exchange,
  { device, target }: Record<string, Json>,
): boolean {
  const { disks, iothreads = [], nodes } = sequence.arena;
  if (nodes !== undefined) return false;
  const source = disks.find(({ name }) => name === device);
  if (!source || iothreads.length > 0 || !isPlainDisk(source, disks)) return false;
  const onto = disks.find(({ name }) => name === target);
  if (onto) return onto !== source && onto.sizeBytes === source.sizeBytes && isPlainDisk(onto, disks);
  const written = step === undefined ? undefined : sequence.steps[step];
  const args = written && 'qmp' in written ? (written.args ?? {}) : {};
  const from = asReference(args.device ?? null);
  const made = asReference(args.target ?? null);
  // Without a size of its own it gets that of the disk that `device` refers to.
  return (
    made?.kind === 'newDisk' &&
    made.disk === target &&
    made.sizeBytes === undefined &&
    made.backing === undefined &&
    from?.kind === 'disk' &&
    from.disk === source.name
  );
}

/** An open, writable format node over a file, with nothing above it and nothing between. */
function isPlainDisk(disk: Disk, disks: readonly Disk[]): boolean {
  const { name, open, readOnly, backing, frontend = 'none', iothread, layers = [] } = disk;
  const isBacking = disks.some((other) => other.backing === name);
  const alone = backing === undefined && !isBacking && frontend === 'none' && layers.length === 0;
  return alone && open !== false && readOnly !== true && iothread === undefined;
}
