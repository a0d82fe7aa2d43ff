import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { farDrivers, hostExports } from './commands.ts';
import type { Draft, DraftPlace } from './draft.ts';

/**
 * Whether nothing in the arguments can open or make a file beside the run's own: file names are references, or strings
 * that can be no file, and no driver or address reaches elsewhere.
 */
export function isConfined({ command, args }: Draft): boolean {
  return isInside(args, command.startsWith('drive-'));
}

function isInside(value: Json, opensTarget: boolean): boolean {
  if (Array.isArray(value)) return value.every((inner) => isInside(inner, opensTarget));
  if (!isJsonObject(value)) return true;
  const opens = opensTarget || (typeof value.type === 'string' && value.type.startsWith('drive-'));
  return Object.entries(value).every(([name, inner]) => {
    if (typeof inner !== 'string') return isInside(inner, opens);
    if (fileMembers.has(name) || (name === 'target' && opens)) return isNoFile(name, inner);
    if (name === 'driver') return !farDrivers.has(inner);
    if (name === 'type') return !hostExports.has(inner);
    // A descriptor given by its number would be one of QEMU's own.
    return name !== 'str' || !/^\d/.test(inner);
  });
}

/** Strings that name a file, whatever command they stand in. `target` does so in drive-mirror and drive-backup only. */
export const fileMembers: ReadonlySet<string> = new Set([
  'filename',
  'snapshot-file',
  'backing-file',
  'base',
  'top',
  'path',
  'config',
  'mountpoint',
  'dir',
  'url',
  'uri',
]);

/** An empty socket path makes QEMU choose one below the host's temporary directory. */
function isNoFile(name: string, text: string): boolean {
  if (text === '') return name !== 'path';
  if (text.length > longestFileName && !text.includes('/')) return true;
  return (name === 'target' || name === 'snapshot-file') && text.startsWith('json:{"driver":"null-co"');
}

/** NAME_MAX of Linux's file systems: no file is made of a longer name. */
const longestFileName = 255;

/** Where a string would be taken for a file name, by the member's name alone. */
export const namesFile = ({ name, path }: DraftPlace, { command }: Draft): boolean =>
  fileMembers.has(name) ||
  (path.at(-1) === 'target' && (/^drive-/.test(command) || command === 'transaction'));
