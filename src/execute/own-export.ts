import type { NbdExport } from '../target/guest/nbd-connection.ts';
import { nbdSocket } from './arena/set-up.ts';
import { type Command, isOk, issueAll, type Run } from './run.ts';

/**
 * A read-only export of a node, by which the run looks at it once all is quiet; the tear-down removes it. `first`: what
 * has to be done before. undefined where there can be none: it is the node that the look is about, and not the export.
 */
export async function exportToLook(
  run: Run,
  look: { id: string; node: string; bitmaps?: string[]; first?: readonly Command[] },
): Promise<NbdExport | undefined> {
  if (run.sequence.dialect !== undefined || run.destination || !(await hasServer(run))) return undefined;
  const { id, node, bitmaps, first = [] } = look;
  const args = {
    id,
    type: 'nbd',
    'node-name': node,
    name: id,
    writable: false,
    ...(bitmaps ? { bitmaps } : {}),
  };
  const answers = await issueAll(run, [...first, { name: 'block-export-add', args }]);
  if (run.broken || !isOk(answers.at(-1))) return undefined;
  run.exports.push(id);
  return { socket: nbdSocket(run), export: id };
}

/** The run's own, on its own socket; where a step may have started or stopped one nobody knows. */
async function hasServer(run: Run): Promise<boolean> {
  const isSteps = run.sequence.steps.some((step) => 'qmp' in step && step.qmp.startsWith('nbd-server-'));
  if (run.nbdServer || isSteps) return run.nbdServer && !isSteps;
  const addr = { type: 'unix', data: { path: nbdSocket(run) } };
  const [started] = await issueAll(run, [{ name: 'nbd-server-start', args: { addr } }]);
  run.nbdServer = isOk(started);
  return run.nbdServer;
}
