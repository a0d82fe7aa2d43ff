import { z } from 'zod';
import { jobStatuses } from '../qemu/job-statuses.ts';
import { errnoSchema, type Inject, injectSchema, throttleSchema } from './arena.ts';

/** One thing done. The first key of its JSON form names the kind. */
export type Step = z.infer<typeof stepSchema>;
export type QmpStep = z.infer<typeof qmpStep>;
export type RawStep = z.infer<typeof rawStep>;
export type GuestStep = z.infer<typeof guestStep>;
export type FaultStep = z.infer<typeof faultStep>;
export type AwaitStep = z.infer<typeof awaitStep>;

/** Any JSON value; in command arguments a late-bound reference may stand for one (reference.ts). */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export const jsonSchema: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(jsonSchema),
    z.record(z.string(), jsonSchema),
  ]),
);

const note = z.string().optional();
/** Every wait is bounded: the longest a sequence may ask for is a minute. */
const deadlineMs = z.int().min(1).max(60_000).optional();

/** What the sequence's author claims of a reply: success, any error, or an error of one class. */
const replyClaim = z.union([
  z.literal('ok'),
  z.literal('error'),
  z.strictObject({ class: z.string(), desc: z.string().optional() }),
  z.strictObject({ return: jsonSchema }),
]);
export type ReplyClaim = z.infer<typeof replyClaim>;

const qmpStep = z.strictObject({
  qmp: z.string(),
  args: z.record(z.string(), jsonSchema).optional(),
  /** false: go on without waiting for the reply; it is recorded when it comes. */
  wait: z.literal(false).optional(),
  /** Sent as `exec-oob`. */
  oob: z.literal(true).optional(),
  expect: replyClaim.optional(),
  deadlineMs,
  note,
});

const rawPiece = z.union([
  z.string(),
  z.strictObject({ base64: z.base64() }),
  z.strictObject({
    repeat: z.string(),
    times: z
      .int()
      .min(0)
      .max(2 ** 21),
  }),
]);
export type RawPiece = z.infer<typeof rawPiece>;

const rawStep = z.strictObject({
  /** Bytes for the monitor, verbatim; strings are UTF-8. */
  raw: z.union([rawPiece, z.array(rawPiece)]),
  /** Written in separate packets, cut at these byte offsets. */
  splitAt: z.array(z.int().min(0)).optional(),
  /** false: the next raw step's bytes follow directly; else, and before any other step, 0xFF ends what is open. */
  resync: z.literal(false).optional(),
  /** error: at least one reply without an id must say so. */
  expect: z.literal('error').optional(),
  deadlineMs,
  note,
});

export const guestClients = ['new', 'once'] as const;
export type GuestClient = (typeof guestClients)[number];

const guestStep = z.strictObject({
  guest: z.enum(['write', 'zero', 'discard', 'flush', 'read']),
  disk: z.string(),
  offsetBytes: z.int().min(0).optional(),
  lengthBytes: z
    .int()
    .min(1)
    .max(2 ** 30)
    .optional(),
  /** Byte that a write repeats; absent: content that no other request writes (HMP: a byte by the step's number). */
  pattern: z.int().min(1).max(255).optional(),
  unmap: z.literal(true).optional(),
  fua: z.literal(true).optional(),
  /** Through the drive's BlockBackend by HMP `qemu-io`, which reports no I/O error; else through an NBD export. */
  via: z.literal('hmp').optional(),
  /** A further client of the disk's export connects for this request: `new` stays, and later requests go by it; `once` leaves after the answer. */
  client: z.enum(guestClients).optional(),
  /** false: in flight beside the next steps. */
  wait: z.literal(false).optional(),
  expect: z.enum(['ok', 'error']).optional(),
  deadlineMs,
  note,
});

/**
 * What is the matter with the server that has a disk's image. `cut`: its connections are dropped once, in the middle of
 * whatever they carry; each of the others lasts until the next. `well` takes back whatever was the matter.
 */
export const serverStates = [
  'well',
  'killed',
  'suspended',
  'cut',
  'slow',
  'failing',
  'read-only',
  'full',
  'removed',
] as const;
export type ServerState = (typeof serverStates)[number];

const faultStep = z.union([
  z.strictObject({ fault: z.literal('inject'), disk: z.string(), ...injectSchema.shape, note }),
  z.strictObject({
    fault: z.literal('inject'),
    disk: z.string(),
    /** Several errors at once. */
    rules: z.array(injectSchema).min(1).max(8),
    note,
  }),
  z.strictObject({ fault: z.literal('lift'), disk: z.string(), note }),
  z.strictObject({
    fault: z.literal('throttle'),
    disk: z.string(),
    ...throttleSchema.shape,
    note,
  }),
  z.strictObject({ fault: z.literal('unthrottle'), disk: z.string(), note }),
  /** No space is left below the disk: its image file can't grow. `room`: it can again. */
  z.strictObject({ fault: z.enum(['fill', 'room']), disk: z.string(), note }),
  /**
   * A client of the disk's export that is not the guest's: it connects and says nothing, or stops in the middle of the
   * handshake, and stays until the steps are over; or it hangs up in the middle of a request.
   */
  z.strictObject({
    fault: z.literal('stranger'),
    disk: z.string(),
    does: z.enum(['silent', 'half', 'vanish']),
    note,
  }),
  /** Another process opens the image to read it, and leaves; `shared`: also where QEMU has it locked. */
  z.strictObject({ fault: z.literal('opener'), disk: z.string(), shared: z.literal(true).optional(), note }),
  /** Somebody at another monitor sends commands, all at once, and the next steps do not wait for their answers. */
  z.strictObject({
    fault: z.literal('monitor'),
    commands: z
      .array(
        z.strictObject({
          qmp: z.string(),
          args: z.record(z.string(), jsonSchema).optional(),
          oob: z.literal(true).optional(),
        }),
      )
      .min(1)
      .max(8),
    note,
  }),
  /** `restart`: a QEMU that is gone is started again on the images as they are. */
  z.strictObject({ fault: z.enum(['sigstop', 'sigcont', 'sigkill', 'restart']), note }),
  z.strictObject({
    fault: z.literal('server'),
    disk: z.string(),
    is: z.enum(serverStates),
    /** What a failing server answers to writes; EIO unless given. */
    errno: errnoSchema.optional(),
    note,
  }),
]);

export type InjectStep = Extract<FaultStep, { fault: 'inject' }>;

/** The errors that a step injects, all at once. */
export function errorsOf(step: InjectStep): readonly Inject[] {
  if ('rules' in step) return step.rules;
  const { fault: _, disk: __, note: ___, ...error } = step;
  return [error];
}

/** READY: BLOCK_JOB_READY; gone: the job is null; reply, guest: nothing of ours is in flight; a status as such. */
const awaited = z.union([
  z.enum(['READY', 'gone', 'reply', 'guest', 'exit', 'offset=len']),
  z.enum(jobStatuses),
  z.strictObject({ event: z.string(), data: z.record(z.string(), jsonSchema).optional() }),
  /** The second QEMU has taken the machine, and runs it. */
  z.literal('arrived'),
  /** The disk's image is locked: another process that wants to open it is refused. */
  z.strictObject({ locked: z.string() }),
]);
export type Awaited = z.infer<typeof awaited>;

const awaitStep = z.strictObject({
  await: awaited,
  job: z.string().optional(),
  expect: z.literal('met').optional(),
  deadlineMs,
  note,
});

const pauseStep = z.strictObject({
  /** Milliseconds. */
  pause: z.number().min(0).max(10_000),
  note,
});

export const stepSchema = z.union([qmpStep, rawStep, guestStep, faultStep, awaitStep, pauseStep]);

export type StepKind = 'qmp' | 'raw' | 'guest' | 'fault' | 'await' | 'pause';
const kinds: readonly StepKind[] = ['qmp', 'raw', 'guest', 'fault', 'await', 'pause'];

/** The kind of a step, or of an object that should become one. */
export function stepKind(step: object): StepKind | undefined {
  return kinds.find((kind) => kind in step);
}

/** The schema of one kind, so that an error speaks of that kind's fields only. */
export const stepSchemas = {
  qmp: qmpStep,
  raw: rawStep,
  guest: guestStep,
  fault: faultStep,
  await: awaitStep,
  pause: pauseStep,
} as const;
