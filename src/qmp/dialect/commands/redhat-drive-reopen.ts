import { isJsonObject } from '../../../sequence/json-object.ts';
import type { DeviceJob } from '../device-jobs.ts';
import { deviceInUse, deviceNotFound, fdNotFound } from '../failures.ts';
import type { Members } from '../members.ts';
import {
  type Args,
  ask,
  type DeviceWorld,
  endOf,
  type Heard,
  type Move,
  refuse,
  type TranslatedAnswer,
} from '../translation.ts';

/** RHEL 6's monitor: "device:B,new-image-file:s,format:s?,witness:s?". */
export const driveReopenMembers: Members = {
  device: 'string',
  'new-image-file': 'string',
  format: 'string?',
  witness: 'string?',
};

/**
 * `__com.redhat_drive-reopen`: ends the device's job, then puts the device on the image. It answers when all that is
 * done. A job that was not in steady state, or met an error, is over all the same, and the device stays where it is:
 * DeviceInUse (blockdev.c of RHEL 6.3).
 *
 * - onto the target of a mirror in steady state: block-job-complete;
 * - onto the image that the device is on: the job is cancelled, softly, so that a mirror's target is a copy as of now;
 * - onto any other image: block-job-cancel, then blockdev-change-medium, which QEMU refuses to a device whose medium
 *   can't be removed.
 */
export function* redhatDriveReopen(args: Args, world: DeviceWorld): Generator<Move, TranslatedAnswer, Heard> {
  const device = `${args.device}`;
  const file = `${args['new-image-file']}`;
  // A file descriptor can't come through a proxy, so none has that name.
  if (args.witness !== undefined) return yield* refuse(fdNotFound(world.dialect, `${args.witness}`));

  const job = world.jobs.on(device);
  const pivots = job?.ready === true && job.target === file;
  if (job) {
    const failed = yield* endJob(job, pivots ? 'block-job-complete' : 'block-job-cancel', world);
    if (failed) return failed;
  }
  return pivots ? { return: {} } : yield* switchTo(file, device, args.format);
}

/** The answer, where the device must not be switched. */
function* endJob(
  job: DeviceJob,
  verb: 'block-job-complete' | 'block-job-cancel',
  { dialect }: DeviceWorld,
): Generator<Move, TranslatedAnswer | undefined, Heard> {
  const accepted = yield* ask(verb, { device: job.device });
  if ('error' in accepted) return accepted;
  const end = yield* endOf(job);
  const succeeded = !end.cancelled && end.error === undefined;
  return succeeded ? undefined : { error: deviceInUse(dialect, job.device) };
}

function* switchTo(
  file: string,
  device: string,
  format: Args[string] | undefined,
): Generator<Move, TranslatedAnswer, Heard> {
  const answer = yield* ask('query-block');
  if ('error' in answer) return answer;
  const blocks = Array.isArray(answer.return) ? answer.return.filter(isJsonObject) : [];
  const block = blocks.find((each) => each.device === device);
  if (!block) return { error: deviceNotFound(device) };
  if (isJsonObject(block.inserted) && block.inserted.file === file) return { return: {} };
  return yield* ask('blockdev-change-medium', {
    device,
    filename: file,
    ...(format === undefined ? {} : { format }),
  });
}
