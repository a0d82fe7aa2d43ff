import { isJsonObject } from '../../../sequence/json-object.ts';
import type { Dialect } from '../../../sequence/sequence.ts';
import {
  type Args,
  ask,
  type DeviceWorld,
  type Heard,
  type Move,
  type TranslatedAnswer,
} from '../translation.ts';

/** `query-block-jobs` without what it has been given since. */
export function* queryBlockJobs(
  args: Args,
  { dialect }: DeviceWorld,
): Generator<Move, TranslatedAnswer, Heard> {
  const answer = yield* ask('query-block-jobs', args);
  if ('error' in answer || !Array.isArray(answer.return)) return answer;
  return {
    return: answer.return
      .filter(isJsonObject)
      .map((job) =>
        Object.fromEntries(shown[dialect].flatMap((key) => (key in job ? [[key, job[key]!]] : []))),
      ),
  };
}

/** In the order in which the test plan has them. */
const shown: Record<Dialect, readonly string[]> = {
  rhel6: ['device', 'len', 'offset', 'speed', 'type'],
  rhel7: ['io-status', 'device', 'busy', 'len', 'offset', 'paused', 'speed', 'type'],
};
