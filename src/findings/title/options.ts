import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { minor } from './minor.ts';

/** `text`: as it stands in a title, `copy-mode=write-blocking`. */
export type Option = { text: string; minor: number };

/** What a command was told beside what every such command is told: a minimal sequence has no option without need. */
export function decisiveOptions(args: Record<string, Json>): Option[] {
  return Object.entries(args).flatMap(([key, value]): Option[] => {
    if (names.has(key) || (key === 'sync' && value === 'full')) return [];
    if (roles.has(key)) {
      if (typeof value !== 'string' || value.length <= nameCharsMax)
        return [{ text: key, minor: minor.role }];
      return [{ text: `${key} of ${value.length} characters`, minor: minor.option }];
    }
    const only = isJsonObject(value) ? Object.entries(value) : [];
    const [inner] = only;
    if (inner && only.length === 1 && !isJsonObject(inner[1]) && !['number', 'literal'].includes(inner[0]))
      return [{ text: `${key}.${inner[0]}=${valueText(inner[1])}`, minor: minor.option }];
    return [{ text: `${key}=${valueText(value)}`, minor: slight.has(key) ? minor.slight : minor.option }];
  });
}

/** What each command names: which name it was is the sequence's choice. */
const names: ReadonlySet<string> = new Set([
  ...[
    'actions',
    'addr',
    'command-line',
    'data',
    'device',
    'disk',
    'driver',
    'export',
    'file',
    'filename',
    'id',
  ],
  ...[
    'image',
    'job-id',
    'name',
    'node',
    'node-name',
    'target',
    'throttle-group',
    'type',
    'properties',
    'actions',
  ],
]);

/** Longer than any file's or node's name: then that is what matters. */
const nameCharsMax = 255;

/** That the argument is there may matter, but not the name. */
const roles: ReadonlySet<string> = new Set([
  ...['backing', 'backing-file', 'base', 'base-node', 'bitmap', 'bottom', 'filter-node-name', 'overlay'],
  ...['replaces', 'snapshot-file', 'snapshot-node-name', 'top', 'top-node'],
]);

/** Mostly there to give the rest of the sequence time, or a place. */
const slight: ReadonlySet<string> = new Set([
  ...['auto-dismiss', 'auto-finalize', 'format', 'mode', 'speed', 'writable'],
]);

function valueText(value: Json): string {
  if (typeof value === 'string') return cut(value);
  if (isJsonObject(value)) {
    if (typeof value.number === 'string') return cut(value.number);
    return 'literal' in value ? cut(JSON.stringify(value.literal)) : '{…}';
  }
  if (Array.isArray(value) && value.length > 0) return value.every(isShort) ? cut(value.join(',')) : '[…]';
  return JSON.stringify(value);
}

const isShort = (value: Json): boolean => typeof value === 'string' || typeof value === 'number';

const charsMax = 24;
const cut = (text: string): string => (text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text);
