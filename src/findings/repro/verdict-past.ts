import { quote } from './shell.ts';
import { anyLine, mustLine } from './step-qmp.ts';
import type { Case, ScriptVerdict } from './verdict.ts';
import { readBack, wantedRanges } from './verdict-content.ts';

/**
 * A snapshot-access node that can't be read, or shows other data than the disk held then: once all jobs are over, a
 * client of an export of its own reads it.
 */
export function pastVerdict({ facts, trace, at, plan: { sequence } }: Case): ScriptVerdict | undefined {
  const seen = trace[at];
  if (seen?.kind !== 'past') return undefined;
  const isLost = facts?.shape === 'shown' && facts.what === 'past lost';
  const wrong = facts?.shape === 'content' ? wantedRanges(facts, sequence) : [];
  const looks = isLost
    ? wholeRead
    : wrong.flatMap(({ offset, length, wanted, byte }) =>
        readBack({
          read: `timeout 20 qemu-io -r -f raw -c 'read -P ${byte} ${offset} ${length}' '${url}'`,
          lengthBytes: length,
          words: `${seen.node}: ${offset}+${length} does not hold ${wanted}`,
        }),
      );
  if (looks.length === 0) return undefined;
  return {
    ends: 'jobs',
    ending: [
      anyLine({ name: 'nbd-server-start', args: { addr: { type: 'unix', data: { path: 'nbd.sock' } } } }),
      mustLine({
        name: 'block-export-add',
        args: { id: 'past', type: 'nbd', 'node-name': seen.node, name: 'past', writable: false },
      }),
      ...looks,
      'absent',
    ],
  };
}

const url = 'nbd+unix:///past?socket=nbd.sock';

const wholeRead = [
  `said=$(timeout 20 qemu-img convert -f raw -O raw ${quote(url)} past.raw 2>&1); ended=$?`,
  '[ $ended != 124 ] || cannot "the read does not end"',
  '[[ $said != *"error while reading"* ]] || shows "$said"',
  '[ $ended = 0 ] || cannot "$said"',
];
