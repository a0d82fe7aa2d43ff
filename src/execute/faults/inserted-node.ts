import type { Json } from '../../sequence/step.ts';
import type { SentElsewhere } from '../../trace/observation.ts';
import { type Answer, type Command, isOk, issueAll, type PlacedDisk, type Run } from '../run.ts';

export type Armed = { outcome: 'armed' | 'refused'; text?: string; sent?: SentElsewhere[] };

export const refused = (text: string): Armed => ({ outcome: 'refused', text });

type Options = Record<string, Json>;
type Purpose = NonNullable<PlacedDisk['inserted']>['purpose'];

/**
 * Puts a node between a disk's format node and what lies below it, in place of one that stands there already:
 * `blockdev-reopen` replaces `file` since 6.1. `options` gets the names of the new node and of the one below.
 * Reopening flushes a node first, which a qcow2 node that keeps metadata for a file it can't write does not survive:
 * with a `valve`, a raw node above the new one, it is the valve that lets go of it.
 */
export async function insertNode(
  run: Run,
  disk: string,
  what: { purpose: Purpose; valve: boolean; options(name: string, below: string): Options },
  step: number,
): Promise<Armed> {
  const placed = run.disks.get(disk);
  if (!placed?.open || !placed.options) return refused(`${disk} has no node to inject below`);
  const { purpose, valve } = what;
  const name = insertedNode(placed);
  const commands = [add(what.options(name, bottomOf(placed)))];
  if (valve) commands.push(add(valveOver(placed, name)));
  commands.push(reopenDisk(placed, valve ? valveNode(placed) : name));
  const armed = allOk(await issueAll(run, [...removal(placed), ...commands], step));
  if (armed.outcome === 'armed') placed.inserted = { purpose, valve };
  return armed;
}

/** Takes that node out again, if one of that purpose stands there. */
export async function removeNode(run: Run, disk: string, purpose: Purpose, step?: number): Promise<Armed> {
  const placed = run.disks.get(disk);
  if (placed?.inserted?.purpose !== purpose) return { outcome: 'armed' };
  const armed = allOk(await issueAll(run, removal(placed), step));
  if (armed.outcome === 'armed' || step === undefined) delete placed.inserted;
  return armed;
}

export function allOk(answers: readonly (Answer | undefined)[]): Armed {
  const failed = answers.find((answer) => !isOk(answer));
  if (!failed) return { outcome: 'armed' };
  return refused(failed.kind === 'reply' ? (failed.error?.desc ?? '') : failed.kind);
}

function removal(placed: PlacedDisk): Command[] {
  if (!placed.inserted) return [];
  const name = insertedNode(placed);
  const back = reopenDisk(placed, bottomOf(placed));
  if (!placed.inserted.valve) return [back, remove(name)];
  const release = reopen(valveOver(placed, bottomOf(placed)));
  return [release, remove(name), back, remove(valveNode(placed))];
}

const bottomOf = ({ options }: PlacedDisk): string => options?.file as string;
export const insertedNode = ({ disk }: PlacedDisk): string => `${disk.name}-fault`;
const valveNode = ({ disk }: PlacedDisk): string => `${disk.name}-valve`;

const valveOver = (placed: PlacedDisk, file: string): Options => ({
  driver: 'raw',
  'node-name': valveNode(placed),
  file,
});

const add = (args: Options): Command => ({ name: 'blockdev-add', args });
const remove = (name: string): Command => ({ name: 'blockdev-del', args: { 'node-name': name } });
const reopen = (options: Options): Command => ({ name: 'blockdev-reopen', args: { options: [options] } });
const reopenDisk = (placed: PlacedDisk, file: string): Command => reopen({ ...placed.options, file });
