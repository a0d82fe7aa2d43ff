import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createTamperer, type Deed, type Direction, type Disaster, type Tampering } from './tampering.ts';

/**
 * A QEMU that lies: `node proxy.ts SCRIPT PROGRAM ARG…` starts the real one with its monitor on a socket of the
 * proxy's, connects where that was to connect, and relays lines both ways, tampered with as SCRIPT (JSON) says. It
 * ends as QEMU ends.
 */
const [script = '[]', program = '', ...args] = process.argv.slice(2);
const monitor = args.find((arg) => /^socket,id=monitor,path=/.test(arg));
if (monitor === undefined) {
  process.exit(spawnSync(program, args, { stdio: 'inherit' }).status ?? 1);
} else {
  await stand(monitor.replace(/.*path=/, ''), JSON.parse(script));
}

async function stand(frontPath: string, tamperings: Tampering[]): Promise<never> {
  const backPath = `${frontPath}.real`;
  const server = createServer().listen(backPath);
  await once(server, 'listening');
  const qemu = startQemu(args.map((arg) => (arg === monitor ? arg.replace(frontPath, backPath) : arg)));
  const exit = once(qemu, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const connected = await Promise.race([once(server, 'connection'), exit]);
  server.close();
  const back = connected[0];
  if (typeof back !== 'object' || back === null) return endAs(await exit);
  const front = connect(frontPath);
  await once(front, 'connect');

  const tamper = createTamperer(tamperings);
  const sides: Record<Direction, Socket> = { 'from-qemu': front, 'to-qemu': back as Socket };
  const drained = relay('from-qemu', back as Socket);
  void relay('to-qemu', front).then(() => qemu.kill('SIGKILL'));
  const ending = await exit;
  await drained;
  front.end();
  await once(front, 'finish');
  return endAs(ending);

  /**
   * Line by line and in order: a message that is delayed holds up what comes behind it. Bytes go through as they are,
   * one character each, and what can't become a command of ours goes through at once: it may never have an end.
   */
  async function relay(from: Direction, source: Socket): Promise<void> {
    let partial = '';
    try {
      for await (const chunk of source.setEncoding('latin1')) {
        const lines = (partial + chunk).split('\n');
        partial = lines.pop() ?? '';
        for (const line of lines) {
          for (const deed of tamper(line, from)) await carryOut(deed, from);
        }
        if (from === 'to-qemu' && !partial.startsWith('{"exec')) {
          sides[from].write(partial, 'latin1');
          partial = '';
        }
      }
    } catch {
      // The peer is gone, and what it had to say with it.
    }
  }

  async function carryOut(deed: Deed, from: Direction): Promise<void> {
    if (deed.deed === 'disaster') return disaster(deed.act);
    if (deed.deed === 'wait') return new Promise((resolve) => void setTimeout(resolve, deed.ms));
    const to = deed.deed === 'send' ? back : sides[from];
    const line = deed.deed === 'send' ? deed.line.replaceAll('$DIR', dirname(frontPath)) : deed.line;
    (to as Socket).write(`${line}\n`, 'latin1');
  }

  async function disaster(disaster: Disaster): Promise<void> {
    if (disaster.act === 'flip')
      return flip(join(dirname(frontPath), disaster.file), disaster.offsetBytes, disaster.lengthBytes);
    if (disaster.stderr !== undefined) writeSync(2, `${disaster.stderr}\n`);
    qemu.kill(disaster.act === 'kill' ? disaster.signal : 'SIGKILL');
    await exit;
    front.end();
    await once(front, 'finish');
    endAs(disaster.act === 'exit' ? [disaster.code, null] : [null, disaster.signal]);
  }
}

/** It dies with the proxy, however that dies. */
function startQemu(qemuArgs: string[]): ChildProcess {
  const command = ['setpriv', '--pdeathsig', 'KILL', '--', program, ...qemuArgs];
  return spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
}

function flip(path: string, offsetBytes: number, lengthBytes: number): void {
  const fd = openSync(path, 'r+'); // in place: a sparse file stays sparse
  const bytes = Buffer.alloc(lengthBytes);
  readSync(fd, bytes, 0, lengthBytes, offsetBytes);
  const inverted = bytes.map((byte) => ~byte);
  writeSync(fd, inverted, 0, lengthBytes, offsetBytes);
  closeSync(fd);
}

function endAs([code, signal]: [number | null, NodeJS.Signals | null]): never {
  if (signal !== null) process.kill(process.pid, signal);
  process.exit(code ?? 1);
}
