import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type Dialect, dialects } from '../sequence/sequence.ts';
import { type Address, addressText, openShim } from '../target/shim.ts';
import { onInterrupt } from './interrupt.ts';
import { once } from './options.ts';

type Args = { qmp: Address; listen: Address; dialect: Dialect; quiet: boolean };

export const shimCommand: CommandModule<object, Args> = {
  command: 'shim',
  describe: "a QMP proxy that offers RHEL 6.3's (or 7's) commands in front of a current QEMU",
  builder: (yargs) =>
    yargs
      .option('qmp', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        coerce: address('qmp'),
        describe: "QEMU's own monitor: a Unix socket, or HOST:PORT",
      })
      .option('listen', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        coerce: address('listen'),
        describe: 'where clients connect: a Unix socket, or HOST:PORT',
      })
      .option('dialect', {
        choices: dialects,
        default: 'rhel6' as const,
        requiresArg: true,
        coerce: once<Dialect>('dialect'),
        describe: 'whose QMP the clients speak',
      })
      .option('quiet', { type: 'boolean', default: false, describe: 'say nothing of clients' })
      .example('$0 shim --qmp /run/vm.qmp --listen /run/vm-rhel6.qmp', 'until Ctrl-C')
      .example('$0 shim --qmp localhost:4444 --listen localhost:4445 --dialect rhel7', 'over TCP'),
  handler: serve,
};

async function serve({ qmp, listen, dialect, quiet }: Args): Promise<void> {
  const say = (text: string): void => {
    if (!quiet) process.stderr.write(`${printable(text)}\n`);
  };
  const shim = await openShim({ qemu: qmp, listen, dialect, say: say });
  onInterrupt(shim.close);
  say(`${dialect} on ${addressText(shim.address)}, in front of ${addressText(qmp)}; Ctrl-C ends it`);
}

/** What has a slash is a path. */
const address =
  (name: string) =>
  (value: string | string[]): Address => {
    const given = once<string>(name)(value);
    if (given.includes('/')) {
      if (Buffer.byteLength(given) <= maxSocketPathBytes) return { path: given };
      throw new UsageError(
        `--${name}: a Unix socket's path has ${maxSocketPathBytes} bytes at most, this one ${Buffer.byteLength(given)}`,
        'a shorter path, or HOST:PORT',
      );
    }
    const [, host, port] = /^(?:\[?([^[\]]*?)\]?:)?(\d{1,5})$/.exec(given) ?? [];
    if (port === undefined || Number(port) > 65_535)
      throw new UsageError(`--${name} ${given}: neither a path with a slash nor HOST:PORT`, `./${given}`);
    return { host: host || 'localhost', port: Number(port) };
  };

/** sun_path of Linux, without its end. */
const maxSocketPathBytes = 107;
