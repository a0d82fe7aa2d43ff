import type { Json } from './step.ts';

/**
 * Late-bound references that may stand where a command argument wants a value. They are looked up when the
 * step runs, so that dropping an earlier step leaves the later ones meaningful.
 *
 * - `"#0"`: the id of the first job started and still known, `"#1"` the second; with no such job the text itself
 *   is sent, which is no valid job id, so QEMU answers as for an unknown job.
 * - `{"disk": "src"}`: how a command names that disk: its drive id where it has one, else its node name.
 * - `{"node": "src"}`, `{"node": "src", "layer": "file"}`: a node name of that disk.
 * - `{"path": "src"}`: the image file of a disk; `{"newFile": "a.qcow2"}`: a path in the run's own directory.
 * - `{"uri": "dst"}`: the URI of a disk that the destination serves, for commands that open their target themselves.
 * - `{"incoming": "uri"}`: where the second QEMU waits for the machine (arena: `incoming`), for `migrate`.
 * - `{"newDisk": "dst"}`: an empty image, made and opened just before the command; size and format of the
 *   command's source unless given.
 * - `{"number": "9223372036854775807"}`: a number with exactly these digits, which JSON's readers here would round.
 * - `{"literal": …}`: exactly this value, also if it looks like a reference.
 */
export type Reference =
  | { kind: 'job'; index: number }
  | { kind: 'disk'; disk: string }
  | { kind: 'node'; disk: string; layer?: string }
  | { kind: 'path'; disk: string }
  | { kind: 'uri'; disk: string }
  | { kind: 'incoming' }
  | { kind: 'newFile'; file: string }
  | { kind: 'newDisk'; disk: string; format?: 'raw' | 'qcow2'; sizeBytes?: number; backing?: string }
  | { kind: 'number'; digits: string }
  | { kind: 'literal'; value: Json };

/** The reference that a JSON value is, or undefined where it is an ordinary value. */
export function asReference(value: Json): Reference | undefined {
  if (typeof value === 'string') return jobReference(value);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  // Most values are none, and every argument of every command is looked at.
  if (keys.length === 0 || keys.length > 4 || !keys.every((key) => referenceKeys.has(key))) return undefined;
  const { disk, node, layer, path, newFile, newDisk, format, sizeBytes, backing, number } = value;
  const only = (...allowed: string[]): boolean => keys.every((key) => allowed.includes(key));
  if (typeof disk === 'string' && only('disk')) return { kind: 'disk', disk };
  if (typeof node === 'string' && only('node', 'layer')) {
    return typeof layer === 'string' ? { kind: 'node', disk: node, layer } : { kind: 'node', disk: node };
  }
  if (typeof path === 'string' && only('path')) return { kind: 'path', disk: path };
  if (typeof value.uri === 'string' && only('uri')) return { kind: 'uri', disk: value.uri };
  if (value.incoming === 'uri' && only('incoming')) return { kind: 'incoming' };
  if (typeof newFile === 'string' && only('newFile')) return { kind: 'newFile', file: newFile };
  if (
    typeof newDisk === 'string' &&
    (format === undefined || format === 'raw' || format === 'qcow2') &&
    (sizeBytes === undefined || isSize(sizeBytes)) &&
    (backing === undefined || typeof backing === 'string') &&
    only('newDisk', 'format', 'sizeBytes', 'backing')
  ) {
    return {
      kind: 'newDisk',
      disk: newDisk,
      ...(format === undefined ? {} : { format }),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      ...(backing === undefined ? {} : { backing }),
    };
  }
  if (typeof number === 'string' && only('number') && jsonNumber.test(number))
    return { kind: 'number', digits: number };
  if ('literal' in value && only('literal')) return { kind: 'literal', value: value.literal as Json };
  return undefined;
}

const referenceKeys = new Set(
  'disk node layer path uri incoming newFile newDisk format sizeBytes backing number literal'.split(' '),
);

/** All that arguments refer to, in order. */
export function referencesIn(value: Json): Reference[] {
  const reference = asReference(value);
  if (reference) return [reference];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(referencesIn) : [];
}

/** What an image's size may be. */
export const isSize = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2 ** 40;

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** `#N` as a job reference. */
export function jobReference(text: string): Reference | undefined {
  const match = /^#(\d{1,3})$/.exec(text);
  return match ? { kind: 'job', index: Number(match[1]) } : undefined;
}
