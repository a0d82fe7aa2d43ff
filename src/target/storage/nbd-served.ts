import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Errno, Storage } from '../../sequence/arena.ts';
import type { Json, ServerState } from '../../sequence/step.ts';
import { limits } from '../limits.ts';
import { uriValue } from '../process/option-value.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { launch, type ServerProcess } from './launch.ts';
import { commands, errnos } from './nbd-dialect.ts';
import { type Manner, nbdRelay } from './nbd-relay.ts';
import { exportName, type NbdServer, type Switch } from './nbd-servers/server.ts';
import { lengthServed } from './room-to-grow.ts';
import type { ImageToServe, Served } from './storage.ts';

/** An image on an NBD server; `kill` ends it at once and without waiting. */
export type ServedByNbd = Served & { start(): Promise<void>; kill(): void };

/**
 * One image, its server and a relay of ours before it: the server's process is killed and suspended; what no program
 * can be made to do while it runs is done to the messages that pass. `base`: what the paths of its sockets begin with.
 */
export function servedByNbd(
  image: ImageToServe,
  { server, target, base }: { server: NbdServer; target: QemuTarget; base: string },
): ServedByNbd {
  const sockets = { client: `${base}.sock`, server: `${base}.own` };
  const switches = server.switches?.(sockets.server) ?? [];
  const relay = nbdRelay(sockets);
  let running: ServerProcess | undefined;
  let over = false;
  let stopped = false;

  async function run(): Promise<ServerProcess> {
    if (!running || running.isGone()) {
      const { path, readOnly } = image;
      running = await launch(
        server.command(target, { path, readOnly, socket: sockets.server }),
        sockets.server,
      );
      if (over) running.kill();
    }
    return running;
  }

  function kill(): void {
    over = true;
    relay.close();
    running?.kill();
  }

  return {
    node: nodeOptions(image.options, sockets.client),
    url: `nbd+unix:///${exportName}?socket=${uriValue(sockets.client)}`,
    async start() {
      makeRoom(image);
      for (const each of switches) turn(each, false);
      await run();
      await relay.listen();
    },
    async become(state, errno = 'EIO') {
      if (over) return { outcome: 'refused', text: 'its server has let go of the image' };
      const { process, drops, manner = {} } = troubles[state](errno);
      const own = switches.find((each) => each.state === state && (each.errno ?? errno) === errno);
      for (const each of switches) turn(each, each === own);
      relay.behave(own ? {} : manner);
      if (drops) relay.drop();
      if (process === 'killed') {
        relay.close();
        running?.kill();
        await running?.exit;
        return armed;
      }
      const alive = await run();
      if (process === 'suspended') await alive.suspend();
      else alive.resume();
      await relay.listen();
      return armed;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      kill();
      await running?.exit;
      for (const path of [...Object.values(sockets), ...switches.map(({ file }) => file)])
        rmSync(path, { force: true });
    },
    kill,
  };
}

type Trouble = { process?: 'killed' | 'suspended'; drops?: true; manner?: Manner };

/** What each state is made of. A full server takes no data, and no zeroes, whether or not there is room already. */
const troubles: Record<ServerState, (errno: Errno) => Trouble> = {
  well: () => ({}),
  killed: () => ({ process: 'killed' }),
  suspended: () => ({ process: 'suspended' }),
  cut: () => ({ drops: true }),
  slow: () => ({ manner: { delayMs: limits.slowServerDelayMs } }),
  failing: (errno) => ({ manner: refusing(errno, 'write', 'writeZeroes', 'trim') }),
  'read-only': () => ({ manner: refusing('EPERM', 'write', 'writeZeroes', 'trim') }),
  full: () => ({ manner: refusing('ENOSPC', 'write', 'writeZeroes') }),
  removed: () => ({ drops: true, manner: { exportGone: true } }),
};

function refusing(errno: Errno, ...names: (keyof typeof commands)[]): Manner {
  return { refused: { commands: new Set(names.map((name) => commands[name])), errno: errnos[errno] } };
}

const armed = { outcome: 'armed' } as const;

function nodeOptions(options: Storage, socket: string): Record<string, Json> {
  const nbd = typeof options === 'object' && 'nbd' in options ? options.nbd : {};
  return {
    driver: 'nbd',
    server: { type: 'unix', path: socket },
    export: exportName,
    ...(nbd.reconnectDelaySeconds === undefined ? {} : { 'reconnect-delay': nbd.reconnectDelaySeconds }),
  };
}

function makeRoom({ path, readOnly }: ImageToServe): void {
  const lengthBytes = lengthServed(path);
  if (!readOnly) truncateSync(path, lengthBytes);
}

/** The new content comes by rename: the server never finds half of it. */
function turn({ file, on, off }: Switch, isOn: boolean): void {
  const content = isOn ? on : off;
  if (content === undefined) {
    rmSync(file, { force: true });
    return;
  }
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}
