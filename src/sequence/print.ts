import { printableJson } from '../printable.ts';
import type { Sequence } from './sequence.ts';
import type { Json } from './step.ts';

/**
 * The canonical text of a sequence: the same sequence gives the same bytes, whoever wrote it. One disk and one step a
 * line, so that a diff of two sequences is a diff of their steps.
 */
export function printSequence(sequence: Sequence): string {
  const { disks, nodes, ...arena } = sequence.arena;
  const members: [string, string | undefined][] = [
    ['schema', '1'],
    ['title', inline(sequence.title)],
    ['comment', optional(sequence.comment)],
    ['tags', optional(sequence.tags)],
    ['seed', optional(sequence.seed)],
    ['requires', optional(sequence.requires)],
    ['dialect', optional(sequence.dialect)],
    ['arena', printArena(arena, disks, nodes)],
    [
      'steps',
      lines(
        sequence.steps.map((step) => inline(step as Json, stepOrder)),
        '    ',
        '  ',
      ),
    ],
    [
      'after',
      sequence.after &&
        lines(
          sequence.after.map((claim) => inline(claim as Json)),
          '    ',
          '  ',
        ),
    ],
  ];
  const present = members.filter(([, text]) => text !== undefined);
  return `{\n${present.map(([name, text]) => `  ${JSON.stringify(name)}: ${text}`).join(',\n')}\n}\n`;
}

function printArena(
  rest: Omit<Sequence['arena'], 'disks' | 'nodes'>,
  disks: Sequence['arena']['disks'],
  nodes: Sequence['arena']['nodes'],
): string {
  const members = (['machine', 'iothreads', 'throttleGroups', 'mallocPerturb', 'incoming'] as const).flatMap(
    (key) => (rest[key] === undefined ? [] : [`    ${JSON.stringify(key)}: ${inline(rest[key])}`]),
  );
  const list = (items: readonly unknown[], order: readonly string[]): string =>
    lines(
      items.map((item) => inline(item as Json, order)),
      '      ',
      '    ',
    );
  const over = nodes === undefined ? [] : [`    "nodes": ${list(nodes, nodeOrder)}`];
  return `{\n${[...members, `    "disks": ${list(disks, diskOrder)}`, ...over].join(',\n')}\n  }`;
}

/** Members that lead, in the order in which people look for them; the others follow by name. */
const stepOrder = ['qmp', 'raw', 'guest', 'fault', 'await', 'pause', 'job', 'disk', 'args'];
const diskOrder = ['name', 'format', 'sizeBytes', 'fill', 'backing'];
const nodeOrder = ['node-name', 'driver', 'file'];

function lines(items: readonly string[], indent: string, closing: string): string {
  return items.length === 0 ? '[]' : `[\n${items.map((item) => indent + item).join(',\n')}\n${closing}]`;
}

const optional = (value: unknown): string | undefined =>
  value === undefined ? undefined : inline(value as Json);

/** As JSON has it, without what a terminal acts on. */
const jsonText = (value: Json): string => printableJson(JSON.stringify(value));

/** One line of JSON with a blank after each colon and comma; members by `order`, then by name. */
function inline(value: Json, order: readonly string[] = []): string {
  if (Array.isArray(value)) return `[${value.map((inner) => inline(inner)).join(', ')}]`;
  if (value === null || typeof value !== 'object') return jsonText(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  if (entries.length === 0) return '{}';
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return `{ ${entries.map(([key, inner]) => `${jsonText(key)}: ${inline(inner)}`).join(', ')} }`;
}
