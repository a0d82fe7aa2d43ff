import { asReference } from '../../sequence/reference.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { type Json, type Step, stepKind } from '../../sequence/step.ts';
import type { SequenceChange } from '../change.ts';
import { ordinary } from '../ordinary-values.ts';
import { steps as stepsPass } from '../passes/steps.ts';
import { type MemberPlace, placesIn } from '../places.ts';
import type { Proposal } from './ablation.ts';

/** Every step left out; every option of a step left out, or given its ordinary value; every target made raw. */
export function stepAblations(sequence: Sequence): Proposal[] {
  const { steps } = sequence;
  const gone = stepsPass.sites(sequence, {}).reverse();
  return steps.flatMap((step, i) => [
    // Where the step starts a job, the others' numbers come down by one.
    { what: `without step ${i + 1}`, without: i, change: gone[i]?.at(-1) as SequenceChange },
    ...[...placesIn(step as Json, ['steps', i])].flatMap((place) => ofPlace(place, step, i, sequence)),
  ]);
}

function ofPlace(place: MemberPlace, step: Step, at: number, sequence: Sequence): Proposal[] {
  const { path, key, value } = place;
  const says = (what: string): string => (sequence.steps.length > 1 ? `step ${at + 1}: ${what}` : what);
  if (path.length <= 3 && (key === 'args' || key === stepKind(step) || saysWhatItIs.has(key))) return [];
  const target = rawTarget(place, sequence);
  if (target) return [{ what: says(target.what), change: target.change }];
  if (saysWhatItIs.has(key) && typeof path.at(-1) !== 'number') return [];
  const [usual] = (ordinary(key) ?? []).filter((each) => typeof each === typeof value);
  const name = nameOf(path);
  if (usual !== undefined && usual !== value)
    return [
      { what: says(`${name}=${JSON.stringify(usual)}`.replaceAll('"', '')), change: [{ path, to: usual }] },
    ];
  if (typeof value === 'boolean' && usual === undefined)
    return [{ what: says(`${name}=${!value}`), change: [{ path, to: !value }] }];
  return isNeeded(place) ? [] : [{ what: says(`without ${name}`), change: [{ path }] }];
}

/** Without them a command names nothing, or is another one: that it shows nothing then goes without saying. */
const saysWhatItIs: ReadonlySet<string> = new Set([
  ...[
    'job-id',
    'device',
    'node',
    'node-name',
    'target',
    'id',
    'name',
    'driver',
    'type',
    'data',
    'disk',
    'job',
    'image',
  ],
  ...['args', 'options', 'errno', 'guest', 'deadlineMs', 'via', 'note', 'expect', 'addr', 'path', 'literal'],
]);

/** What is ordinary already is what it would be by default, or may not be left out at all. */
const isNeeded = ({ key, value }: MemberPlace): boolean =>
  ordinary(key)?.includes(value) === true || key === 'sync';

function nameOf(path: readonly (string | number)[]): string {
  const inside = path.slice(2).filter((part, i) => !(i === 0 && part === 'args'));
  return inside.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** An image that a job makes, or is given new, is a raw one then: made before, since a raw one has no backing file. */
function rawTarget({ path, key, value }: MemberPlace, { arena, after = [] }: Sequence): Proposal | undefined {
  if (key !== 'target') return undefined;
  const reference = asReference(value);
  if (reference?.kind === 'newDisk' && reference.format !== 'raw')
    return {
      what: `target ${reference.disk} raw`,
      change: [{ path, to: { ...(value as object), format: 'raw' } as Json }],
    };
  if (reference?.kind !== 'newFile') return undefined;
  const { file } = reference;
  const sizeBytes = Math.max(0, ...arena.disks.map((disk) => disk.sizeBytes));
  const command = path.slice(0, -1);
  return {
    what: `target ${file} raw`,
    change: [
      {
        path: ['arena', 'disks', arena.disks.length],
        to: { name: file, format: 'raw', sizeBytes, open: false },
      },
      { path, to: { path: file } },
      { path: [...command, 'format'], to: 'raw' },
      { path: [...command, 'mode'], to: 'existing' },
      ...after.flatMap((claim, i) =>
        'content' in claim && typeof claim.content === 'object' && claim.content.file === file
          ? [{ path: ['after', i, 'content'], to: file }]
          : [],
      ),
    ],
  };
}
