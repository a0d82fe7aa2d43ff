import type { CommandModule } from 'yargs';
import { type FetchProgress, fetchSuite } from '../target/install/fetch.ts';
import { parseSuite, suites } from '../target/install/suite.ts';
import { listQemu, type QemuTarget } from '../target/programs/binary.ts';
import { roles } from '../target/programs/program.ts';
import { printer, writeJson } from './options.ts';
import { table } from './table.ts';

type ListArguments = { json: string | undefined };
type FetchArguments = { suite: string[]; json: string | undefined };

export const qemuCommand: CommandModule = {
  command: 'qemu',
  describe: 'the QEMU binaries known; fetch the QEMU of a Debian suite into the cache',
  builder: (yargs) =>
    yargs
      .command(listCommand)
      .command(fetchCommand)
      .demandCommand(1, 'qemu needs a subcommand: list or fetch'),
  handler: () => {},
};

const jsonOption = {
  type: 'string',
  requiresArg: true,
  describe: 'write the result as JSON; - is stdout',
} as const;

const listCommand: CommandModule<object, ListArguments> = {
  command: 'list',
  describe: 'every QEMU that --qemu knows by a label',
  builder: (yargs) =>
    yargs
      .option('json', jsonOption)
      .example('$0 qemu list', 'the one on PATH and those fetched, by version')
      .example('$0 qemu list --json -', 'the same for a script, with the command line of each program'),
  async handler({ json }) {
    const targets = await listQemu();
    printer(json)(formatTargets(targets));
    if (json !== undefined) writeJson(json, { schema: 1, qemu: targets.map(targetJson) });
  },
};

const fetchCommand: CommandModule<object, FetchArguments> = {
  command: 'fetch <suite..>',
  describe: 'unpack the QEMU of Debian suites into the cache, without touching the system',
  builder: (yargs) =>
    yargs
      .positional('suite', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: suites.map(({ name, series }) => `${name} (${series})`).join(', '),
      })
      .option('json', jsonOption)
      .example(
        '$0 qemu fetch bullseye trixie',
        'QEMU 5.2 and 10.0, then: --qemu debian:bullseye --qemu debian:trixie',
      )
      .epilogue(
        'Some 70 MB to download and 230 MB on disk a suite. Interrupted, it continues when run again.',
      ),
  async handler({ suite, json }) {
    for (const name of suite) parseSuite(name); // all are known before the first is fetched
    const say = printer(json);
    const targets: QemuTarget[] = [];
    for (const name of suite) {
      const target = await fetchSuite(name, progressPrinter(say));
      targets.push(target);
      say(`${target.label}: QEMU ${target.version} in ${target.path}`);
    }
    if (json !== undefined) writeJson(json, { schema: 1, qemu: targets.map(targetJson) });
  },
};

export function formatTargets(targets: readonly QemuTarget[]): string {
  if (targets.length === 0) {
    return "no QEMU is known: 'mirrorfuzz doctor' names the command that installs one, 'mirrorfuzz qemu fetch SUITE' fetches one";
  }
  const rows = targets.map((target) => {
    const has = roles.filter((role) => target[role]).join(' ');
    return [target.label, target.version, target.origin, has, target.path];
  });
  return table([['LABEL', 'VERSION', 'ORIGIN', 'PROGRAMS', 'PATH'], ...rows]);
}

function targetJson({ label, version, origin, path, ...programs }: QemuTarget): object {
  return { label, version, origin, path, programs };
}

/** One line as each stage begins; between them a terminal shows the count on a line that is written over. */
function progressPrinter(say: (line: string) => void): (progress: FetchProgress) => void {
  let stage: string | undefined;
  return (progress) => {
    if (progress.doing !== stage) say(formatProgress(progress));
    stage = progress.doing;
    if (!process.stderr.isTTY || progress.of === 0) return;
    const end = progress.done === progress.of ? '\r\u001b[K' : '\r';
    process.stderr.write(`  ${progress.done}/${progress.of}\u001b[K${end}`);
  };
}

export function formatProgress({ suite, doing, done, of }: FetchProgress): string {
  switch (doing) {
    case 'wait':
      return `${suite}: another mirrorfuzz is fetching it, waiting`;
    case 'index':
      return `${suite}: getting the package index`;
    case 'download':
      return `${suite}: downloading ${of} packages${done > 0 ? `, ${done} of them already here` : ''}`;
    case 'unpack':
      return `${suite}: unpacking`;
    case 'check':
      return `${suite}: starting each program once`;
    default:
      return doing satisfies never;
  }
}
