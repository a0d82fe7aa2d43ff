import { isJsonObject } from '../../sequence/json-object.ts';
import { asReference } from '../../sequence/reference.ts';
import type { Json } from '../../sequence/step.ts';
import { jobNamed, type Situation } from '../situation.ts';
import type { Draft } from './draft.ts';

/** A command as the bytes on the wire; undefined where it holds what only the run can know, such as a path. */
export function plainText({ command, args }: Draft, situation: Situation): string | undefined {
  const text = textOf(args, situation);
  if (text === undefined) return undefined;
  return `{"execute": ${JSON.stringify(command)}, "arguments": ${text}, "id": "raw"}`;
}

function textOf(value: Json, situation: Situation): string | undefined {
  const reference = asReference(value);
  switch (reference?.kind) {
    case 'disk':
      return JSON.stringify(reference.disk);
    case 'number':
      return reference.digits;
    case 'job':
      return JSON.stringify(jobNamed(situation, value)?.id ?? 'none');
    case undefined:
      break;
    default:
      return undefined;
  }
  if (Array.isArray(value))
    return listed(
      value.map((inner) => textOf(inner, situation)),
      '[',
      ']',
    );
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, inner]) => {
    const text = textOf(inner, situation);
    return text === undefined ? undefined : `${JSON.stringify(name)}: ${text}`;
  });
  return listed(members, '{', '}');
}

function listed(parts: readonly (string | undefined)[], open: string, close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(', ')}${close}`;
}
