import { isJsonObject } from '../../../sequence/json-object.ts';
import { isAbsent, namesOfOld } from '../era.ts';
import {
  type Args,
  ask,
  type DeviceWorld,
  type Heard,
  type Move,
  type TranslatedAnswer,
} from '../translation.ts';

/** `query-commands`: QEMU's own without those that came later, and those that are served here. */
export function* queryCommands(
  args: Args,
  { dialect }: DeviceWorld,
): Generator<Move, TranslatedAnswer, Heard> {
  const answer = yield* ask('query-commands', args);
  if ('error' in answer || !Array.isArray(answer.return)) return answer;
  const kept = answer.return.filter(
    (command) =>
      !(isJsonObject(command) && typeof command.name === 'string' && isAbsent(dialect, command.name)),
  );
  return { return: [...kept, ...namesOfOld[dialect].map((name) => ({ name }))] };
}
