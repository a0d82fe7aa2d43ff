import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { signalGroup } from '../process/process-group.ts';
import type { Program } from '../programs/program.ts';
import { untilStopped } from './until-stopped.ts';

/** A server's process: it dies with this one, however that ends. */
export type ServerProcess = {
  isGone(): boolean;
  /** Resolves when it serves nobody any more. */
  suspend(): Promise<void>;
  resume(): void;
  /** SIGKILL: what clients know to be written is in the file, since servers keep nothing of it to themselves. */
  kill(): void;
  exit: Promise<void>;
  pid: number | undefined;
};

/** Resolves when connections are taken on the socket. EnvironmentError: the program ends before, or does not get there. */
export async function launch({ argv, env }: Program, socket: string): Promise<ServerProcess> {
  rmSync(socket, { force: true }); // a killed server leaves its socket behind
  const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    env,
    // What a server leaves by a relative name, or as a core, goes with the session.
    cwd: dirname(socket),
    // A terminal's Ctrl-C is for us.
    detached: true,
  });
  let gone = false;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-limits.imageToolErrorChars);
  });
  const exit = child.then(() => {
    gone = true;
  });
  /** tgtd forks: a child that outlived it would keep stderr open, and `exit` would never come. */
  function toAll(signal: NodeJS.Signals): void {
    if (!gone) signalGroup(child.pid, signal);
  }
  const deadline = performance.now() + limits.serverStartDeadlineMs;
  while (!(await takesConnections(socket))) {
    if (gone || performance.now() > deadline) {
      toAll('SIGKILL');
      await exit;
      const why = said.trim().split('\n').at(-1) || 'it said nothing';
      throw new EnvironmentError(`${argv.join(' ')} does not start: ${why}`, 'mirrorfuzz doctor');
    }
    await sleep(limits.serverStartPollMs);
  }
  return {
    isGone: () => gone,
    async suspend() {
      toAll('SIGSTOP');
      if (child.pid !== undefined) await untilStopped(child.pid);
    },
    resume: () => toAll('SIGCONT'),
    kill: () => toAll('SIGKILL'),
    exit,
    pid: child.pid,
  };
}

function takesConnections(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket)
      .once('connect', () => {
        probe.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });
}
