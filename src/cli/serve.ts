import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.ts';
import { fileLimits, readFile } from '../read-file.ts';
import { isLoopback } from '../serve/host-names.ts';
import { limits } from '../serve/limits.ts';
import { complain } from './complain.ts';
import { storeOption } from './findings/options.ts';
import { onInterrupt } from './interrupt.ts';
import { once, printer, tool } from './options.ts';

type Args = {
  findings: string;
  queue: string | undefined;
  port: number;
  host: string;
  token: string | undefined;
  'token-file': string | undefined;
  'allow-host': string[] | undefined;
};

export const serveCommand: CommandModule<object, Args> = {
  command: 'serve',
  describe: 'a read-only live page of a findings store and of what hunts there',
  builder: (yargs) =>
    storeOption(yargs)
      .option('queue', {
        ...text('queue'),
        describe: 'the Redis of a campaign over many machines, to watch it, too',
      })
      .option('port', {
        type: 'number',
        default: 8377,
        requiresArg: true,
        coerce: portNumber,
        describe: 'where it listens; 0 for any port that is free',
      })
      .option('host', {
        ...text('host'),
        default: '127.0.0.1',
        describe: 'address it listens on; any but loopback takes a token',
      })
      .option('token', {
        ...text('token'),
        describe: 'who shows it may see the page; new: makes one and prints it',
      })
      .option('token-file', {
        ...text('token-file'),
        describe: 'the same, from a file, where `ps` does not show it',
      })
      .option('allow-host', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'another name by which it is reached, through a proxy say; repeatable',
      })
      .example('$0 serve', 'the store ./findings and every hunt that writes there, on http://127.0.0.1:8377/')
      .example('$0 serve --host 0.0.0.0 --token new', 'for other machines, with a token')
      .epilogue('It ends by Ctrl-C. /metrics has the same figures for Prometheus.'),
  handler: run,
};

async function run(args: Args): Promise<void> {
  mustBeDirectory(args.findings);
  const token = tokenOf(args);
  const print = printer(undefined);
  // Loaded now: no other command needs a server or Redis.
  const { serveLive } = await import('../serve/serve.ts');
  const queue = args.queue === undefined ? undefined : await openQueue(args.queue);
  const server = await serveLive({
    store: args.findings,
    ...(queue ? { queue } : {}),
    tool: `${tool.name} ${tool.version}`,
    host: args.host,
    port: args.port,
    ...(token === undefined ? {} : { token }),
    allowedHosts: args['allow-host'] ?? [],
  });
  onInterrupt(async () => {
    queue?.close();
    await server.close();
  });
  // What follows # stays in the browser: it is in no request and no log.
  const shown = args.token === 'new' ? `${server.url}#token=${token}` : server.url;
  print(`${shown}  shows ${args.findings}${queue ? ` and ${queue.shown}` : ''}; Ctrl-C ends it`);
}

/** A campaign that has found nothing yet has no store: it is shown as soon as it is there. */
function mustBeDirectory(store: string): void {
  if (statSync(store, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UsageError(
      `--findings ${store}: is not a directory`,
      'give the directory that a hunt writes to',
    );
}

function tokenOf({ host, token, 'token-file': file }: Args): string | undefined {
  if (token !== undefined && file !== undefined)
    throw new UsageError('--token and --token-file: one of them says it', 'leave one out');
  const given =
    file !== undefined
      ? readFile(file, fileLimits.jsonBytes).toString().trim()
      : token === 'new'
        ? drawn()
        : token;
  const name = file === undefined ? '--token' : '--token-file';
  if (given === undefined) {
    if (isLoopback(host)) return undefined;
    throw new UsageError(
      `--host ${host}: other machines see the page there, so it takes a token`,
      '--token new',
    );
  }
  if (given.length < limits.tokenLengthMin || given.length > limits.tokenLengthMax)
    throw new UsageError(
      `${name}: has ${limits.tokenLengthMin} to ${limits.tokenLengthMax} characters`,
      '--token new',
    );
  if (!/^[\x21-\x7e]+$/.test(given))
    throw new UsageError(`${name}: has printable ASCII characters only, and no spaces`, '--token new');
  return given;
}

const drawn = (): string => randomBytes(16).toString('hex');

async function openQueue(url: string) {
  const { parseQueueUrl } = await import('../lab/queue-url.ts');
  const { openConnection } = await import('../lab/connection.ts');
  let trouble: string | undefined;
  const connection = await openConnection(parseQueueUrl(url), (why) => {
    trouble = why;
    complain(why === undefined ? 'Redis answers again' : `Redis does not answer: ${why}`);
  });
  return { ...connection, trouble: () => trouble };
}

function portNumber(value: number | number[]): number {
  const port = once<number>('port')(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError('--port must be a whole number from 0 to 65535');
}

function text(name: string) {
  return { type: 'string', requiresArg: true, coerce: once<string>(name) } as const;
}
