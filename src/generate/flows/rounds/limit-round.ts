import type { Card } from '../../../qemu/card.ts';
import { cardOf } from '../../../qemu/cards.ts';
import type { Conflict } from '../../../qemu/conflict.ts';
import { edgesOf, type NumberRange } from '../../../qemu/number-range.ts';
import type { JsonObject } from '../../../sequence/json-object.ts';
import { asReference } from '../../../sequence/reference.ts';
import type { Json, QmpStep } from '../../../sequence/step.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { pair } from '../../arenas/pair.ts';
import { withNumber } from '../../edge-numbers.ts';
import type { GuessedNode } from '../../guesses.ts';
import { after, type Situation } from '../../situation.ts';
import { knownMembers } from '../../steps/command.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import { type Flow, type Part, send } from '../flow.ts';
import { starters, startOne } from './start.ts';
import { toTheEnd } from './to-the-end.ts';

/**
 * Sound starts of jobs of which one argument is not: a number beyond its limits, a name that nobody has, two arguments
 * that exclude each other. All are refused, which takes a round trip each; what is taken instead stands out at once. Then
 * one is sound: what the others have left behind would be in its way.
 */
export const limitRound: Flow = {
  name: 'limit round',
  arena: oneOf(pair(), chain({ depth: 2 }), chain({ depth: 3 })),
  parts: (draw) => {
    const first = draw.int(0, 999);
    return [
      send('block-dirty-bitmap-add', { node: 'src', name: bitmap }),
      ...Array.from({ length: startsInARound }, (_, i) => spoilt(first + i)),
      sound,
    ];
  },
};

const bitmap = 'bm0';
/** A sequence takes 30 steps. */
const startsInARound = 24;

const byItself = { 'auto-finalize': true, 'auto-dismiss': true };

/** What was refused is no job, whatever its schema says. */
const sound: Part = (draw, situation) => {
  const before = { ...situation, jobs: [] };
  const [start] = startOne(draw, before, () => ({ speed: 0, ...byItself })) ?? [];
  return start && [start, ...(toTheEnd(draw, after(before, start)) ?? [])];
};

/** In turn, so that few rounds go through all there is to spoil. */
const spoilt =
  (turn: number): Part =>
  (draw, situation) => {
    const free = { ...situation, jobs: [], habits: { ...situation.habits, odd: 0, options: 0.1, slow: 0 } };
    const [step] = draw.oneOf(starters)(draw, free) ?? startMirror(draw, free) ?? [];
    if (!step || !('qmp' in step) || step.wait === false) return undefined;
    const ways = wrongs(situation, step);
    const wrong = ways[turn % ways.length];
    const { schema } = situation.binary;
    const info = schema.commands.get(step.qmp);
    if (!wrong || !info) return undefined;
    const { with: given, without } = wrong;
    const kept = Object.entries(step.args ?? {}).filter(([member]) => !without.includes(member));
    const args = knownMembers(schema, { ...Object.fromEntries(kept), ...given }, info.args);
    // What this binary does not know is refused for that, which says nothing.
    return Object.keys(given).every((member) => member in args) ? [{ ...step, args }] : undefined;
  };

type Wrong = { with: JsonObject; without: readonly string[] };

/** Each by itself is refused. */
function wrongs(situation: Situation, { qmp, args = {} }: QmpStep): Wrong[] {
  const { numbers = {}, nodes = {}, conflicts = [], job }: Card = cardOf(qmp) ?? {};
  const alone: JsonObject[] = [
    ...Object.entries(numbers).flatMap(([member, range]) =>
      outside(member, range).map((value) => withNumber({}, member, value)),
    ),
    ...Object.keys(nodes).map((member) => ({ [member]: 'nowhere' })),
    ...(job?.syncRefused ?? []).map((sync) => ({ sync })),
    ...(job?.syncByBitmap ?? []).map((sync) => ({ sync })),
    ...misplaced(situation, args),
    // Nothing stands on the active layer that could name it.
    ...(qmp === 'block-commit' && !('top-node' in args || 'top' in args)
      ? [{ 'backing-file': 'nowhere' }]
      : []),
    { 'job-id': '7j' },
    { 'job-id': 'a job' },
  ];
  const likely = likelyValues(situation, args);
  const excluded = conflicts.map(
    ({ given, lacks = [] }: Conflict): Wrong => ({
      with: Object.fromEntries(
        Object.entries(given).map(([member, values]) => [
          member,
          values.at(-1) ?? likely[member] ?? 'nowhere',
        ]),
      ),
      without: lacks,
    }),
  );
  return [...alone.map((given) => ({ with: given, without: [] })), ...excluded, ...excluded];
}

/** Of members of members the nearest number alone: there are many starts, and few have them. */
const outside = (member: string, range: NumberRange): number[] =>
  edgesOf(range).outside.slice(0, member.includes('.') ? 1 : undefined);

/** Nodes and files that are there, but have no such place in this graph; what has another size is one of them. */
function misplaced({ nodes }: Situation, { device, target }: JsonObject): JsonObject[] {
  const source = sourceOf(nodes, device);
  const other = nodes.find(({ name, disk }) => disk !== undefined && name === 'dst');
  if (!source || !other) return [];
  return [
    ...['base-node', 'top-node', 'bottom'].map((member) => ({ [member]: { node: other.name } })),
    ...['base', 'top'].map((member) => ({ [member]: { path: other.name } })),
    ...(target === undefined ? [] : [{ target: { node: source.name } }]),
    { 'base-node': { node: source.name } },
    { replaces: other.name },
  ];
}

/** What these name is there, so that nothing but their company can be refused. */
function likelyValues({ nodes }: Situation, { device }: JsonObject): JsonObject {
  const source = sourceOf(nodes, device);
  if (!source) return {};
  const below = source.backing ?? source.name;
  return {
    base: { path: below },
    'base-node': { node: below },
    bottom: { node: source.name },
    top: { path: source.name },
    'top-node': { node: source.name },
    replaces: source.name,
    bitmap,
    'bitmap-mode': 'on-success',
  };
}

function sourceOf(nodes: Situation['nodes'], device: Json | undefined): GuessedNode | undefined {
  const name = asReference(device ?? null);
  return nodes.find((node) => node.name === (name?.kind === 'disk' ? name.disk : device));
}
