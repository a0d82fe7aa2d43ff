import type { Args, DeviceWorld, Heard, Move, Translate, TranslatedAnswer } from '../translation.ts';
import { ask } from '../translation.ts';

/** A command that starts a job. */
export const namedAfterDevice =
  (name: string): Translate =>
  (args, world) =>
    startNamedAfterDevice(name, args, world);

/**
 * Starts a job under the name of its device, as all jobs had it before QEMU 2.7. A drive's job gets that by itself; said
 * outright it is so for a device that is a node, too.
 */
export function* startNamedAfterDevice(
  name: string,
  args: Args,
  { jobs }: DeviceWorld,
): Generator<Move, TranslatedAnswer, Heard> {
  const { device, target } = args;
  const takeBack = jobs.begin(`${device}`, typeof target === 'string' ? target : undefined);
  const answer = yield* ask(name, { 'job-id': device ?? '', ...args });
  if ('error' in answer) takeBack();
  return answer;
}
