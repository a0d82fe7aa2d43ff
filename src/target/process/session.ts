import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import { createQmpClient } from '../../qmp/client.ts';
import { createTranslator, type Translator } from '../../qmp/dialect/translator.ts';
import type { Hardware } from '../../sequence/machine.ts';
import { confine, confinementOf } from '../confine/sandbox.ts';
import { limits } from '../limits.ts';
import { countsEdges, isWatched } from '../programs/instruments.ts';
import { commandLine, programFor } from './command-line.ts';
import { openDatagramLine } from './datagram-line.ts';
import { openEdgeMap } from './edge-map.ts';
import type { Wire } from './line.ts';
import { listenOnce } from './listen-once.ts';
import type { Session, SessionSeen } from './live-session.ts';
import { exitOf } from './process-exit.ts';
import { signalGroup } from './process-group.ts';
import { emulatorPid } from './process-tree.ts';
import type { SessionPlan } from './session-plan.ts';
import { hearStderr } from './stderr-heard.ts';
import { openStreamLine } from './stream-line.ts';
import { tracePatterns } from './trace-points.ts';
import { within } from './within.ts';

/** Starts QEMU and negotiates capabilities. Throws EnvironmentError where it does not come up. */
export async function startSession(plan: SessionPlan): Promise<Session> {
  const { target, flavour, dir, hardware = noMachine, oob = false, objects = [], tracePoints = false } = plan;
  const { startDeadlineMs = limits.sessionStartDeadlineMs } = plan;
  const program = programFor(target, flavour);
  const confinement = plan.confinement ?? confinementOf(program);
  const line =
    plan.line === 'datagrams' ? await openDatagramLine() : await openStreamLine(join(dir, 'qmp.sock'));
  const edges = countsEdges(program) ? openEdgeMap(dir) : undefined;
  const serialPath = join(dir, 'serial.sock');
  const serial = hardware.machine === 'pc' ? await listenOnce(serialPath) : undefined;
  const secondPath = join(dir, 'qmp2.sock');
  const second = plan.secondMonitor ? await listenOnce(secondPath) : undefined;
  const [file, ...args] = confine(
    program,
    commandLine(flavour, hardware, objects, tracePoints ? tracePatterns : [], {
      chardev: line.chardev,
      serialPath,
      ...(second ? { secondPath } : {}),
      ...(plan.incoming ? { incoming: plan.incoming } : {}),
    }),
    dir,
    plan.line === 'datagrams' ? { ...plan, network: 'ours' } : plan,
    confinement,
  );
  const child = execa(file as string, args, {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    extendEnv: true,
    env: { ...program.env, ...edges?.env, ...perturbed(hardware) },
    // Unconfined too, a relative file name must not lead to the user's files.
    cwd: dir,
    forceKillAfterDelay: false,
    // A terminal's Ctrl-C is for us: QEMU must not see it and take it for a wish to end.
    detached: true,
  });

  /** Its whole group: a sandbox killed as it starts was seen to leave QEMU behind. */
  const killAll = (): void => {
    killed = true;
    signalGroup(child.pid, 'SIGKILL');
  };

  let observer: (seen: SessionSeen) => void = () => {};
  let commandId = 0;
  let pid: number | undefined;
  let asked = false;
  let gone = false;
  /** By us. The kernel kills, too, when memory runs out, whatever QEMU was asked. */
  let killed = false;
  const stderr = hearStderr(child.stderr, tracePoints, (text) => observer({ kind: 'stderr', text }));
  void serial?.socket.then(serial.close);
  void second?.socket.then(second.close);
  let wire: Wire | undefined;
  const exit = child.then(async (result) => {
    await wire?.ended();
    gone = true;
    serial?.close();
    void serial?.socket.then((line) => line.end());
    second?.close();
    void second?.socket.then((line) => line.destroy());
    const ended = exitOf(result.exitCode, result.signal);
    observer({ kind: 'exit', ...ended, asked: ended.signal === 'SIGKILL' ? killed : asked });
  });

  wire = await within(line.wire, exit, startDeadlineMs);
  line.close();
  if (!wire) {
    killAll();
    await exit;
    throw startFailure(plan, stderr.lastLine());
  }
  let translator: Translator | undefined;
  const monitor = wire;
  const write = (bytes: string | Buffer): void => {
    if (translator) translator.fromClient(Buffer.from(bytes));
    else monitor.write(bytes);
  };
  const client = createQmpClient({ write, seen: (message) => observer(message) });
  monitor.hear({
    data(chunk) {
      if (translator) translator.fromQemu(chunk);
      else client.receive(chunk);
    },
    closed() {
      translator?.endOfQemu();
      client.end();
      observer({ kind: 'disconnect' });
    },
  });
  const greeted = await within(client.greeting, exit, startDeadlineMs);
  const negotiated = greeted === 'greeted' ? await client.negotiate({ oob }) : undefined;
  if (negotiated?.kind !== 'reply' || negotiated.error) {
    killAll();
    await exit;
    throw startFailure(plan, stderr.lastLine());
  }

  const session: Session = {
    target,
    flavour,
    hardware,
    ...(serial ? { serial: serial.socket } : {}),
    ...(second ? { secondMonitor: second.socket } : {}),
    oob,
    line: plan.line ?? 'stream',
    lost: monitor.lost,
    dir,
    confinement,
    client,
    nextCommandId: () => -++commandId,
    restartCommandIds() {
      commandId = 0;
      client.forget();
    },
    takeTracePoints: stderr.takeTracePoints,
    takeEdges: () => edges?.take() ?? [],
    observe(next) {
      observer = next;
    },
    interpret(dialect, hidden) {
      translator?.endOfQemu();
      translator =
        dialect &&
        createTranslator(dialect, {
          toQemu: monitor.write,
          toClient: client.receive,
          ...(hidden && { hidden }),
        });
    },
    bypassDialect: () => translator?.bypass(),
    expectExit(wish = true) {
      asked = wish;
    },
    exited: () => gone,
    write,
    pid() {
      if (child.pid === undefined || gone) return undefined;
      pid ??= emulatorPid(child.pid);
      return pid;
    },
    signal(signal) {
      const pid = session.pid();
      if (pid === undefined) return false;
      killed ||= signal === 'SIGKILL';
      try {
        return process.kill(pid, signal);
      } catch {
        return false;
      }
    },
    kill() {
      asked = true;
      killAll();
    },
    async stop(quitId) {
      if (gone) return;
      session.signal('SIGCONT');
      // Where the monitor is gone already, QEMU is ending by itself: that exit was not asked for.
      if (!monitor.isClosed()) {
        asked = true;
        client.command('quit', {}, quitId === undefined ? {} : { id: quitId });
      }
      const left = await within(
        exit.then(() => 'gone' as const),
        undefined,
        limits.quitGraceMs * (isWatched(program) ? limits.quitGraceFactor : 1),
      );
      if (left !== 'gone') {
        asked = true;
        killAll();
      }
      await exit;
      monitor.destroy();
    },
    exit,
  };
  return session;
}

const noMachine: Hardware = { machine: 'none' };

/** A user's own setting holds where the sequence has none. */
const perturbed = ({ mallocPerturb }: Hardware): Record<string, string> =>
  mallocPerturb === undefined ? {} : { MALLOC_PERTURB_: `${mallocPerturb}` };

function startFailure(
  { target, flavour, hardware = noMachine }: SessionPlan,
  why = 'it said nothing before it ended',
): EnvironmentError {
  return new EnvironmentError(
    `QEMU ${target.label} (${flavour}) does not start: ${why}`,
    'mirrorfuzz doctor',
    { thing: hardware.machine === 'pc' ? 'pc machine' : `QEMU ${flavour}` },
  );
}
