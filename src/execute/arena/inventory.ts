import { ideNothing } from '../../sequence/device-names.ts';
import type { Json } from '../../sequence/step.ts';
import { type Answer, type Command, isOk, issue, issueAll, type Run } from '../run.ts';
import { hasObjectsFromStart } from './nodes.ts';

/** What a session holds, by name; a pristine one holds nothing. */
export type Inventory = { jobs: string[]; nodes: string[]; exports: string[] };

/** Carries out `first` and asks in the same packet what is left; undefined where QEMU does not answer. */
export async function inventory(run: Run, first: Command[] = []): Promise<Inventory | undefined> {
  // QEMU reads a byte per main-loop turn, so nothing is asked that can have no answer.
  const mayExport =
    run.exports.length > 0 || maySend(run, 'block-export-add') || maySend(run, 'nbd-server-add');
  const queries: Command[] = [
    { name: 'query-jobs', args: {} },
    { name: 'query-named-block-nodes', args: {} },
    ...(mayExport ? [{ name: 'query-block-exports', args: {} }] : []),
  ];
  const answers = await issueAll(run, [...first, ...queries]);
  const [jobs, named, exports] = answers.slice(first.length);
  if (!isOk(jobs) || !isOk(named) || (mayExport && !isOk(exports))) return undefined;
  return {
    jobs: members(jobs, 'id'),
    exports: members(exports, 'id'),
    // Nodes that QEMU named itself (#block…) go with their owners and can't be deleted by name.
    nodes: members(named, 'node-name').filter((name) => name !== ideNothing), // the session's own
  };
}

export const isEmpty = ({ jobs, nodes, exports }: Inventory): boolean =>
  jobs.length + nodes.length + exports.length === 0;

export const blockdevDel = (node: string): Command => ({ name: 'blockdev-del', args: { 'node-name': node } });

/** A pc machine's own memory, which stands among the objects. */
const machineRam = 'pc.ram';

/** Objects to be deleted: the arena's, unless steps may have added or deleted some themselves. */
export async function ourObjects(run: Run): Promise<string[]> {
  // Those on the command line are the session's, and the next sequence counts on them.
  if (hasObjectsFromStart(run.session)) return [];
  if (!maySend(run, 'object-add') && !maySend(run, 'object-del')) return run.objects;
  const answer = await issue(run, { name: 'qom-list', args: { path: '/objects' } });
  if (answer.kind !== 'reply') return run.objects;
  // Without any object the container itself may be missing (5.2, 7.2); from 11.1 on the monitor is one of them.
  const properties = answer.error ? [] : (answer.return as { name: string; type: string }[]);
  return properties
    .filter(({ name, type }) => /^child<(?!monitor)/.test(type) && name !== machineRam)
    .map(({ name }) => name);
}

/** Whether some step may have got this command to QEMU, be it through HMP or as raw bytes. */
export function maySend(run: Run, command: string): boolean {
  return run.sequence.steps.some(
    (step) =>
      'raw' in step || ('qmp' in step && (step.qmp === command || step.qmp === 'human-monitor-command')),
  );
}

/** One member of each object in a returned list, where it is a text. */
export function members(answer: Answer | undefined, key: string): string[] {
  if (answer?.kind !== 'reply' || !Array.isArray(answer.return)) return [];
  return answer.return.flatMap((entry: Json) => {
    const name =
      entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? entry[key] : undefined;
    return typeof name === 'string' && name !== '' ? [name] : [];
  });
}
