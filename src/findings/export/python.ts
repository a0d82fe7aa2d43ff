import type { Json } from '../../sequence/step.ts';
import type { PlannedCommand } from '../repro/plan.ts';

/** A JSON value as a Python literal; strings with everything but printable ASCII escaped. */
export function python(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (Object.getPrototypeOf(value) === null) return JSON.stringify(value); // a number with the digits it was given in
  return `{${Object.entries(value)
    .map(([key, inner]) => `${text(key)}: ${python(inner)}`)
    .join(', ')}}`;
}

/** A command as iotests.VM sends it. */
export function call({ name, args }: PlannedCommand): string {
  const given = Object.keys(args).length === 0 ? '' : `, ${python(args as Json)}`;
  return `vm.qmp(${python(name)}${given})`;
}

function text(value: string): string {
  const escaped = [...value].map((char) => {
    const code = char.codePointAt(0) as number;
    if (char === "'" || char === '\\') return `\\${char}`;
    if (code >= 0x20 && code < 0x7f) return char;
    if (code > 0xffff) return `\\U${code.toString(16).padStart(8, '0')}`;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `'${escaped.join('')}'`;
}
