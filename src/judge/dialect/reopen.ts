import type { Json } from '../../sequence/step.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Words } from './current-words.ts';

type Reply = Extract<Observation, { kind: 'reply' }>;

/** What is known of the device when drive-reopen is sent. */
export type Reopened = {
  args: Record<string, Json>;
  reply: Reply | undefined;
  job: { target: string | undefined } | undefined;
  /** The image that it is on, where that was seen. */
  image: string | undefined;
  /** The device's job came to its end before the reply. */
  ended: boolean;
};

export type Reworded = { words: Words[]; answer?: Json };

/**
 * drive-reopen as what it comes to: one command that ends the job, where there is one, and one that switches, where
 * that is not done by the first; nothing, where it was refused and did nothing. `answer`: what the last of them was
 * answered, where that is not what drive-reopen was.
 */
export function reopenInCurrentWords({ args, reply, job, image, ended }: Reopened): Reworded {
  const { device = null, 'new-image-file': file = null, format } = args;
  const cancel: Words = { name: 'block-job-cancel', args: { device } };
  // The job was ended, and what came after failed: the job's own end, or the switch.
  if (reply?.error) return job && ended ? { words: [cancel], answer: {} } : { words: [] };
  const stays = file === image;
  const change: Words = {
    name: 'blockdev-change-medium',
    args: { device, filename: file, ...(format === undefined ? {} : { format }) },
  };
  if (!job) return stays ? { words: [{ name: 'query-block', args: {} }], answer: [] } : { words: [change] };
  if (file === job.target) return { words: [{ name: 'block-job-complete', args: { device } }] };
  return { words: stays ? [cancel] : [cancel, change] };
}
