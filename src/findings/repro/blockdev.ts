import type { Json } from '../../sequence/step.ts';
import type { PlannedCommand } from './plan.ts';
import { json, quote } from './shell.ts';

/** Of a set-up, what can stand on QEMU's command line: the nodes that are opened before anything else is done. */
export function split(setUp: readonly PlannedCommand[]): {
  opened: PlannedCommand[];
  rest: PlannedCommand[];
} {
  const other = setUp.findIndex(({ name }) => name !== 'blockdev-add');
  const count = other === -1 ? setUp.length : other;
  return { opened: setUp.slice(0, count), rest: setUp.slice(count) };
}

/** `--blockdev driver=raw,node-name=src,file=src-file`; as JSON where that says it better. */
export function blockdevOption({ args }: PlannedCommand): string {
  const words = pairs(args as Json, '');
  return `--blockdev ${words ? quote(words.join(',')) : quote(json(args as Json))}`;
}

/** undefined where a value has no plain form: a list, a null, a comma. */
function pairs(value: Json, key: string): string[] | undefined {
  if (typeof value === 'boolean') return [`${key}=${value ? 'on' : 'off'}`];
  if (typeof value === 'number') return [`${key}=${value}`];
  if (typeof value === 'string') return isPlain(value) ? [`${key}=${value}`] : undefined;
  if (value === null || Array.isArray(value) || Object.getPrototypeOf(value) === null) return undefined;
  const inner = Object.entries(value).map(([name, each]) =>
    isPlain(name) ? pairs(each, key === '' ? name : `${key}.${name}`) : undefined,
  );
  return inner.every((each) => each !== undefined) ? inner.flat() : undefined;
}

const isPlain = (text: string): boolean => /^[\w./-]+$/.test(text);
