import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Argv } from 'yargs';
import { limits } from '../campaign/limits.ts';
import { EnvironmentError, UsageError } from '../errors.ts';
import { printableJson, printableOnTerminal } from '../printable.ts';
import { wantUnconfined } from '../target/confine/confinement.ts';
import type { Flavour } from '../trace/observation.ts';

/** Options that mean the same in every command that drives QEMU. */
export const drivingOptions = <T>(yargs: Argv<T>) =>
  qemuOptions(yargs).option('flavour', {
    ...flavourOption,
    default: 'both' as const,
  });

export const qemuOptions = <T>(yargs: Argv<T>) =>
  sessionOptions(
    yargs.option('qemu', {
      type: 'string',
      array: true,
      requiresArg: true,
      nargs: 1,
      describe: 'QEMU to drive: a binary, a directory, or a label of `qemu list`; repeatable',
    }),
  );

/** How QEMUs are driven, whichever they are. */
export const sessionOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('unconfined', {
      type: 'boolean',
      default: false,
      coerce(wanted: boolean) {
        if (wanted) wantUnconfined();
        return wanted;
      },
      describe: 'let QEMU run hostile commands with your rights, where this machine can not confine it',
    })
    .option('workers', {
      type: 'number',
      default: availableParallelism(),
      requiresArg: true,
      coerce: workersCount,
      defaultDescription: 'number of cores',
      describe: 'sessions side by side',
    });

/** Options about what is printed where. */
export const outputOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('json', {
      type: 'string',
      requiresArg: true,
      coerce: writableFile('json'),
      describe: 'write the result as JSON; - is stdout',
    })
    .option('quiet', { type: 'boolean', default: false, describe: 'print only what went wrong' })
    .option('verbose', { type: 'boolean', default: false, describe: 'print everything that was seen' })
    .option('color', {
      type: 'boolean',
      default: true,
      describe: 'colours on a terminal; NO_COLOR turns them off, too',
    });

/** For an option that is given at most once: yargs makes a list of the second, which nothing here expects. */
export const once =
  <T>(name: string) =>
  (value: T | T[]): T => {
    if (Array.isArray(value))
      throw new UsageError(`--${name} is given ${value.length} times, and may be given once`);
    return value;
  };

export const flavourOption = {
  choices: ['system', 'daemon', 'both'] as const,
  requiresArg: true,
  coerce: once<Flavour | 'both'>('flavour'),
  describe: 'qemu-system, qemu-storage-daemon, or both where both exist',
};

/** Of an option that counts something. */
export const count =
  (name: string) =>
  (value: number | number[]): number => {
    const given = once<number>(name)(value);
    if (Number.isInteger(given) && given >= 1) return given;
    throw new UsageError(`--${name} must be a whole number, 1 or more`);
  };

/** Each is a process with QEMUs of its own. */
function workersCount(value: number | number[]): number {
  const workers = count('workers')(value);
  const cores = availableParallelism();
  const most = limits.workersPerCoreMax * cores;
  if (workers <= most) return workers;
  throw new UsageError(
    `--workers ${workers}: ${most} at most on this machine, ${limits.workersPerCoreMax} for each of its cores`,
  );
}

/** Of an option that names a file to be written, `-` for stdout: looked at before the work, not after it. */
export const writableFile =
  (name: string) =>
  (value: string | string[]): string => {
    const file = once<string>(name)(value);
    if (file === '-') return file;
    try {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a directory');
      accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
    } catch (error) {
      throw new UsageError(`--${name} ${file}: ${(error as Error).message}`, 'give it another file');
    }
    return file;
  };

export type Tool = { name: string; version: string };

export const tool: Tool = (({ name, version }: Tool) => ({ name, version }))(
  JSON.parse(readFileSync(packageFile(), 'utf8')),
);

/** Above src/cli/ or, as published, above dist/src/cli/. */
function packageFile(): URL {
  const above = (levels: string): URL => new URL(`${levels}package.json`, import.meta.url);
  const near = above('../../');
  return existsSync(near) ? near : above('../../../');
}

/** With `--json -` stdout is the JSON alone, and what people read goes to stderr. */
export function printer(json: string | undefined): (text: string) => void {
  const stream = json === '-' ? process.stderr : process.stdout;
  return (text) => void stream.write(`${printableOnTerminal(text)}\n`);
}

export function writeJson(file: string, value: unknown): void {
  const text = printableJson(`${JSON.stringify(value, null, 2)}\n`);
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new EnvironmentError(
      `can't write ${file}: ${(error as Error).message}`,
      'give --json another file',
    );
  }
}
