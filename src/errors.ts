/** The user asked for something that can't be: exit code 2. `remedy` says what to do about it. */
export class UsageError extends Error {
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string) {
    super(message);
    this.name = 'UsageError';
    this.remedy = remedy;
  }
}

/**
 * The machine can't do what was asked (no QEMU, disk full, a server that does not start). Never a finding. What one
 * sequence meets leaves that sequence without a verdict; it is exit code 3 only where nothing can be judged at all.
 */
export class EnvironmentError extends Error {
  readonly remedy: string | undefined;
  /** What failed, where hunts can go on without it, as sequence/optional.ts names it; or `QEMU system`, `QEMU daemon`. */
  readonly thing: string | undefined;
  constructor(
    message: string,
    remedy?: string,
    { thing, ...options }: ErrorOptions & { thing?: string } = {},
  ) {
    super(message, options);
    this.name = 'EnvironmentError';
    this.remedy = remedy;
    this.thing = thing;
  }
}

/**
 * The machine failed while a sequence ran: something that it needed did not start, change or stop. `before`: the
 * observations until then; what they show of QEMU's own end still counts.
 */
export class CutShort<Observed> extends EnvironmentError {
  readonly before: readonly Observed[];
  constructor(error: EnvironmentError, before: readonly Observed[]) {
    super(error.message, error.remedy, {
      cause: error,
      ...(error.thing === undefined ? {} : { thing: error.thing }),
    });
    this.before = before;
  }
}

/** The same failure, known to be that thing's; what it is said to be of already stays. */
export function ofThing(error: EnvironmentError, thing: string): EnvironmentError {
  if (error.thing !== undefined) return error;
  return new EnvironmentError(error.message, error.remedy, { thing, cause: error });
}
