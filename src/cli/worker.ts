import type { CommandModule } from 'yargs';
import { propertyFiles } from '../campaign/properties.ts';
import type { LabWorkerEvent } from '../lab/work.ts';
import { printable } from '../printable.ts';
import { openingLines } from '../report/opening-lines.ts';
import { confinement } from '../target/confine/confinement.ts';
import { withoutOf } from '../target/storage/usable.ts';
import type { Flavour } from '../trace/observation.ts';
import { complain } from './complain.ts';
import { onInterrupt } from './interrupt.ts';
import { drivingOptions, once, printer, tool } from './options.ts';
import { programsOf } from './programs.ts';
import { markUnasked, parseStorage, storageOf, storageOption } from './storage-option.ts';

type Args = {
  queue: string;
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  workers: number;
  storage: string | undefined;
  quiet: boolean;
  verbose: boolean;
};

export const workerCommand: CommandModule<object, Args> = {
  command: 'worker',
  describe: 'hunt for a coordinator (hunt --queue) on another machine, until it is stopped',
  builder: (yargs) =>
    drivingOptions(yargs)
      .option('queue', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        coerce: once<string>('queue'),
        describe: 'the Redis or Valkey of the lab: redis://HOST, rediss:// (TLS), unix:///path',
      })
      .option('storage', storageOption)
      .option('quiet', { type: 'boolean', default: false, describe: 'print only what went wrong' })
      .option('verbose', { type: 'boolean', default: false, describe: 'print every shard' })
      .example('$0 worker --queue redis://lab.example', 'with the QEMU on PATH')
      .example('$0 worker --queue redis://lab.example --qemu debian:sid --qemu build/', 'with two others')
      .epilogue(
        'The password may be in MIRRORFUZZ_QUEUE_PASSWORD. Exit codes: 0 stopped; 2 wrong usage, or another version than the coordinator; 3 nothing works on this machine.',
      ),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(undefined);
  const { parseQueueUrl } = await import('../lab/queue-url.ts');
  const { openConnection } = await import('../lab/connection.ts');
  const { work } = await import('../lab/work.ts');
  const url = parseQueueUrl(args.queue);
  const asked = parseStorage(args.storage);
  const there = await programsOf(args.qemu, args.flavour);
  const programs = await Promise.all(
    there.map(async (program) => ({
      ...program,
      storage: await storageOf(program.target, asked),
      without: markUnasked(await withoutOf(program.target), asked),
    })),
  );
  if (!args.quiet) for (const line of openingLines(programs, { all: true })) print(line);
  const connection = await openConnection(url, (why) =>
    print(why === undefined ? 'Redis is there again' : `Redis is gone (${why}); it is waited for`),
  );
  const plan = {
    ...{ programs, lanes: args.workers, propertyFiles: propertyFiles(), tool },
    confinement: confinement(),
  };
  if (!args.quiet) print(`serves ${connection.shown} with ${args.workers} lanes`);
  const worker = work(plan, connection, (event) => {
    const line = lineOf(event, args.verbose);
    if (event.kind === 'warning') complain(event.message);
    else if (line !== undefined && !args.quiet) print(line);
  });
  const stopped = { SIGHUP: 0, SIGINT: 130, SIGTERM: 0 };
  const release = onInterrupt(async () => worker.stop(), stopped);
  await worker.finished;
  release();
  connection.close();
}

function lineOf(event: LabWorkerEvent, all: boolean): string | undefined {
  switch (event.kind) {
    case 'offers':
    case 'warning':
      return undefined;
    case 'joined':
      return `campaign ${event.campaign.id}, seed ${event.campaign.seed}, coordinated by ${printable(event.campaign.host)}`;
    case 'left':
      return 'the campaign is over; waiting for the next';
    case 'did':
      return all
        ? `${event.what}: ${event.sequences} sequences in ${(event.ms / 1000).toFixed(1)} s`
        : undefined;
  }
}
