import type { Card } from '../../qemu/card.ts';
import { cardOf } from '../../qemu/cards.ts';
import { edgesOf } from '../../qemu/number-range.ts';
import type { JsonObject } from '../../sequence/json-object.ts';

/** What the command refuses by its card, each by itself; ids that are none; an image that can't be made or is not there. */
export function wrongArguments(name: string): JsonObject[] {
  const { numbers = {}, nodes = {}, names = [], file, job }: Card = cardOf(name) ?? {};
  return [
    // Not every version knows members of members: limit rounds have those.
    ...Object.entries(numbers).flatMap(([member, range]) =>
      member.includes('.') ? [] : edgesOf(range).outside.map((value) => ({ [member]: value })),
    ),
    ...Object.keys(nodes).map((member) => ({ [member]: 'nowhere' })),
    ...names.map((member) => ({ [member]: '#filter' })),
    ...(job?.syncRefused ?? []).map((sync) => ({ sync })),
    ...(job ? [{ 'job-id': '7j' }, { 'job-id': 'a job' }] : []),
    // QEMU finds these out late: by then it has begun with the node.
    ...(file === undefined
      ? []
      : [
          { format: 'nonsense' },
          { [file]: 'nowhere/image.qcow2' },
          { [file]: 'nowhere.qcow2', mode: 'existing' },
        ]),
  ];
}
