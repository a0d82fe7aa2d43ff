import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../../errors.ts';
import type { Network } from '../confine/network.ts';
import { limits } from '../limits.ts';
import { askProgram } from '../programs/ask-program.ts';
import { findServer } from '../programs/executable.ts';
import { launch, type ServerProcess } from './launch.ts';

/** tgt's iSCSI server, a process in user space: one target, and at most one logical unit. */
export type Tgtd = Omit<ServerProcess, 'pid'> & {
  /** Has that logical unit, or none. Its length is the file's when it comes. */
  offer(unit: LogicalUnit | undefined): Promise<void>;
  /** Whether writes fail, by a medium error. Zeroes by unmapping, and discards, do not. */
  fail(failing: boolean): Promise<void>;
  /** Drops the connections that there are. */
  disconnect(): Promise<void>;
};

export type LogicalUnit = { path: string; readOnly: boolean };

export type TgtdPlan = {
  network: Network;
  /** What the paths of its control socket and lock begin with. */
  base: string;
  /** On 127.0.0.1. */
  port: number;
  targetName: string;
  /** Makes the unit's serial number, by which initiators distinguish units. */
  targetId: number;
};

export const logicalUnit = 1; // 0 is the controller

/** EnvironmentError: it does not start, or later on does not obey. */
export async function startTgtd(plan: TgtdPlan): Promise<Tgtd> {
  const env = { TGT_IPC_SOCKET: plan.base };
  const server = await launch({ argv: plan.network.enter(commandLine(plan)), env }, `${plan.base}.0`);
  let offered: LogicalUnit | undefined;
  let failing = false;

  /** Several orders cost little more than one: most of it is starting a program from here. */
  function tgtadm(...orders: string[][]): Promise<string> {
    const all = ['-C', '0', '--lld', 'iscsi', '--tid', String(plan.targetId)];
    const lines = orders.map((words) => [sbin('tgtadm'), ...all, ...words].map(quoted).join(' '));
    return order('sh', ['-c', lines.join(' && ')], env);
  }

  try {
    await tgtadm(
      ['--mode', 'target', '--op', 'new', '-T', plan.targetName],
      ['--mode', 'target', '--op', 'bind', '-I', 'ALL'],
    );
  } catch (error) {
    server.kill();
    throw error;
  }
  return {
    ...server,
    async offer(next) {
      const before = offered;
      offered = next;
      if (!next) {
        if (before) await whenIdle(() => tgtadm([...unit, '--op', 'delete']));
        return;
      }
      const add = [...unit, '--op', 'new', '--bstype', 'rdwr', '-b', next.path];
      // Without thin provisioning a unit has no holes: it reports none, and discards nothing.
      const params = `thin_provisioning=1,readonly=${next.readOnly ? 1 : 0}`;
      const update = [...unit, '--op', 'update', '--params', params];
      if (!before) await tgtadm(add, update);
      else if (before.readOnly !== next.readOnly) await tgtadm(update);
    },
    async fail(next) {
      if (next === failing) return;
      failing = next;
      await order('prlimit', ['--pid', String(server.pid), next ? '--fsize=0:' : '--fsize=unlimited:']);
    },
    async disconnect() {
      const shown = await tgtadm([...connection, '--op', 'show']);
      for (const [, sid, cid] of shown.matchAll(/Session: (\d+)\s+Connection: (\d+)/g)) {
        const drop = [...connection, '--op', 'delete', '--sid', `${sid}`, '--cid', `${cid}`];
        await tgtadm(drop).catch(() => {}); // QEMU may have been faster
      }
    },
  };
}

const unit = ['--mode', 'logicalunit', '--lun', String(logicalUnit)];
const connection = ['--mode', 'conn'];

/** A unit with requests in flight stays. */
async function whenIdle(remove: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + limits.tgtdIdleDeadlineMs;
  for (;;) {
    try {
      await remove();
      return;
    } catch (error) {
      if (!/still active/.test(String(error)) || performance.now() > deadline) throw error;
      await sleep(limits.serverStartPollMs);
    }
  }
}

/** A write beyond the limit on file sizes is an error, and not the end, where the signal is ignored. */
function commandLine({ port }: TgtdPlan): string[] {
  const options = ['-D', '-C', '0', '-t', String(limits.tgtdThreads), '--iscsi', `portal=127.0.0.1:${port}`];
  return ['env', '--ignore-signal=XFSZ', sbin('tgtd'), ...options];
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const sbin = (command: string): string => findServer(command) ?? command;

async function order(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  // tgtadm is a grandchild: below the shell.
  const program = { argv: [file, ...args], env };
  const answer = await askProgram(program, [], { deadlineMs: limits.serverStartDeadlineMs });
  if (answer.outcome === 'ended' && answer.code === 0) return answer.stdout.trim();
  const why = answer.outcome === 'not-started' ? answer.why : answer.stderr.trim() || args.join(' ');
  throw new EnvironmentError(`tgtd does not obey: ${why}`);
}
