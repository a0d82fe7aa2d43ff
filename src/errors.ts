/** The user asked for something that can't be: exit code 2. `remedy` says what to do about it. */
export class UsageError extends Error {
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string) {
    super(message);
    this.name = 'UsageError';
    this.remedy = remedy;
  }
}

/** The machine can't do what was asked (no QEMU, disk full, a server that does not start): exit code 3, never a finding. */
export class EnvironmentError extends Error {
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EnvironmentError';
    this.remedy = remedy;
  }
}

/** The machine can't have that storage just now: sequences that want none of it still run. */
export class StorageError extends EnvironmentError {}
