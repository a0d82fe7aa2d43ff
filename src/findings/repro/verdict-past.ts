import { quote } from './shell.ts';
import { anyLine, mustLine } from './step-qmp.ts';
import type { Case, ScriptVerdict } from './verdict.ts';

/**
 * A snapshot-access node that can't be read: once all jobs are over, a client of an export of its own reads it. What such
 * a node shows wrongly is no matter for a script: qemu's own clients read it extent by extent, and may find it right.
 */
export function pastVerdict({ facts, trace, at }: Case): ScriptVerdict | undefined {
  const seen = trace[at];
  if (seen?.kind !== 'past' || facts?.shape !== 'shown' || facts.what !== 'past lost') return undefined;
  return {
    ends: 'jobs',
    ending: [
      anyLine({ name: 'nbd-server-start', args: { addr: { type: 'unix', data: { path: 'nbd.sock' } } } }),
      mustLine({
        name: 'block-export-add',
        args: { id: 'past', type: 'nbd', 'node-name': seen.node, name: 'past', writable: false },
      }),
      `said=$(timeout 20 qemu-img convert -f raw -O raw ${quote(url)} past.raw 2>&1); ended=$?`,
      '[ $ended != 124 ] || cannot "the read does not end"',
      '[[ $said != *"error while reading"* ]] || shows "$said"',
      '[ $ended = 0 ] || cannot "$said"',
      'absent',
    ],
  };
}

const url = 'nbd+unix:///past?socket=nbd.sock';
