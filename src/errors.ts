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
  /** What failed, where hunts can go on without it, as sequence/optional.ts names it. */
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

/** The machine can't have that storage just now: sequences that want none of it still run. */
export class StorageError extends EnvironmentError {}
