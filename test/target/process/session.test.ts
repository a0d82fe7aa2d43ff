import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Json } from '../../../src/sequence/step.ts';
import { type Confinement, confinement } from '../../../src/target/confine/confinement.ts';
import type { Session } from '../../../src/target/process/live-session.ts';
import { startSession } from '../../../src/target/process/session.ts';
import { openRunRoot, type RunRoot } from '../../../src/target/run-dir.ts';
import { type Driven, onOneQemu } from '../../real/qemus.ts';
import { script } from '../fake-qemu.ts';
import { temporaryDir } from '../temporary.ts';

/** Where bubblewrap may make its namespaces, so may util-linux. */
const kinds: Confinement[] = confinement() === 'bubblewrap' ? ['bubblewrap', 'namespaces'] : [confinement()];

onOneQemu((driven) => {
  let root: RunRoot;
  let session: Session;
  beforeAll(async () => {
    root = await openRunRoot();
    session = await startSession({ ...driven, dir: root.sessionDir() });
  });
  afterAll(async () => {
    await session.stop();
    root.remove();
  });

  const qmp = async (name: string, args: Record<string, Json> = {}) => {
    const { reply } = session.client.command(name, args, { id: session.nextCommandId() });
    const answer = await reply;
    if (answer.kind !== 'reply') throw new Error(`${name}: QEMU is gone`);
    return answer.error ? { error: answer.error.desc } : { ok: answer.return };
  };
  const isOk = { ok: expect.anything() };
  const isRefused = {
    error: expect.stringMatching(/Read-only file system|Permission denied|No such file or directory/),
  };

  test.runIf(confinement() === 'bubblewrap')(
    'QEMU writes in its own directory and nowhere else',
    async () => {
      const elsewhere = temporaryDir();
      const inside = join(session.dir, 'inside.raw');
      const outside = join(elsewhere, 'outside.raw');
      const create = (filename: string) => createFile(qmp, filename);
      expect(await create(inside)).toEqual(isOk);
      expect(existsSync(inside)).toBe(true);
      expect(await create(outside)).toEqual(isRefused);
      // Where shared memory is QEMU's own, this succeeds there; here it leaves nothing.
      const beside = join(root.path, 'beside.raw');
      await create(beside);
      expect(existsSync(beside)).toBe(false);

      // A file that is there already can't be opened for writing either.
      const owner = join(root.path, 'owner');
      const before = readFileSync(owner, 'utf8');
      expect(await qmp('blockdev-add', { driver: 'file', 'node-name': 'n', filename: owner })).toHaveProperty(
        'error',
      );
      expect(readdirSync(elsewhere)).toEqual([]);
      expect(readFileSync(owner, 'utf8')).toBe(before);
    },
  );

  test.runIf(confinement() === 'bubblewrap')(
    'QEMU reaches no server of this host, and no host reaches QEMU’s',
    async () => {
      let connections = 0;
      const server = createServer(() => connections++).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { port: number };
      const inet = { type: 'inet', host: '127.0.0.1', port: String(port) };
      expect(await qmp('blockdev-add', { driver: 'nbd', 'node-name': 'net', server: inet })).toHaveProperty(
        'error',
      );
      expect(connections).toBe(0);

      // The same port is free in QEMU's own network, if that has a loopback at all.
      const started = await qmp('nbd-server-start', {
        addr: { type: 'inet', data: { host: '127.0.0.1', port: String(port) } },
      });
      if ('ok' in started) await qmp('nbd-server-stop');
      expect(connections).toBe(0);
    },
  );

  test('QEMU runs under the limits that keep the host safe', () => {
    const limits = readFileSync(`/proc/${session.pid()}/limits`, 'utf8');
    expect(limits).toMatch(/^Max address space +8589934592 /m);
    expect(limits).toMatch(/^Max core file size +0 /m);
    expect(limits).toMatch(/^Max open files +1024 /m);
  });

  test.runIf(confinement() === 'bubblewrap')('QEMU has no capability, even where root runs it', () => {
    const status = readFileSync(`/proc/${session.pid()}/status`, 'utf8');
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  });

  test('its pid is the emulator’s own, not that of what confines it', () => {
    const command = readFileSync(`/proc/${session.pid()}/cmdline`, 'utf8').split('\0');
    expect(command[0]).toContain(driven.flavour === 'system' ? 'qemu' : 'qemu-storage-daemon');
  });

  test('an id is never used twice, and stop ends the process in good order', async () => {
    const own = await startSession({ ...driven, dir: root.sessionDir() });
    const pid = own.pid() as number;
    const seen: unknown[] = [];
    own.observe((each) => seen.push(each.kind === 'exit' ? each : each.kind));
    await own.stop();
    expect(own.exited()).toBe(true);
    expect(own.pid()).toBeUndefined();
    expect(own.signal('SIGCONT')).toBe(false);
    expect(seen.at(-1)).toEqual({ kind: 'exit', code: 0, signal: null, asked: true });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    await own.stop();
  });

  test('a suspended QEMU is stopped all the same', async () => {
    const own = await startSession({ ...driven, dir: root.sessionDir() });
    own.signal('SIGSTOP');
    await own.stop();
    expect(own.exited()).toBe(true);
  });

  test('behind a wrapper that does not exec, signals go to QEMU itself', async () => {
    const program = driven.target[driven.flavour];
    const wrapper = script(join(temporaryDir(), 'wrapper'), `${program?.argv.join(' ')} "$@"\nexit $?`);
    const target = { ...driven.target, [driven.flavour]: { argv: [wrapper], env: program?.env ?? {} } };
    const own = await startSession({ ...driven, target, dir: root.sessionDir() });
    const exits: unknown[] = [];
    own.observe((each) => each.kind === 'exit' && exits.push(each));
    expect(readFileSync(`/proc/${own.pid()}/comm`, 'utf8')).toContain('qemu');
    expect(own.signal('SIGKILL')).toBe(true);
    await own.exit;
    expect(exits).toMatchObject([{ signal: 'SIGKILL', asked: true }]);
  });

  test('a program that ends at once is told with its last words', async () => {
    const broken = script(
      join(temporaryDir(), 'broken'),
      'echo "first" >&2; echo "cannot do it" >&2; exit 1',
    );
    const target = { ...driven.target, [driven.flavour]: { argv: [broken], env: {} } };
    await expect(startSession({ ...driven, target, dir: root.sessionDir() })).rejects.toThrow(
      /does not start: cannot do it$/,
    );
  });

  test.for(kinds)(
    'nothing of it is left when its parent is killed, confined by %s, and the next start sweeps its directory',
    async (how) => {
      const { parent, pid, dir } = await sessionOfAnotherProcess(driven, how);
      const family = ancestorsUpTo(pid, parent.pid as number);
      expect(family).toContain(pid);
      parent.kill('SIGKILL');
      await until(() => family.every((each) => !isAlive(each)));
      expect(existsSync(dir)).toBe(true);
      (await openRunRoot()).remove();
      expect(existsSync(dir)).toBe(false);
    },
  );
});

onOneQemu((driven) => {
  const isRoot = process.getuid?.() === 0;
  test.for(kinds)('an ordinary user can run it, confined by %s', async (how) => {
    const { parent, pid, dir } = await sessionOfAnotherProcess(driven, how, isRoot ? asNobody : []);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(isRoot ? /^Uid:\t65534\t/m : /^Uid:\t[1-9]/m);
    parent.stdin?.end('stop\n');
    await until(() => !isAlive(pid) && !existsSync(dir));
  });
});

const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

/** A Node of its own that starts a session, tells its pid and its run root, and stops it when told to. */
async function sessionOfAnotherProcess({ target, flavour }: Driven, how: Confinement, prefix: string[] = []) {
  const source = `
    import { openRunRoot } from '${new URL('../../../src/target/run-dir.ts', import.meta.url)}';
    import { startSession } from '${new URL('../../../src/target/process/session.ts', import.meta.url)}';
    const root = await openRunRoot();
    const session = await startSession({ target: JSON.parse(process.argv[1]), flavour: process.argv[2], confinement: process.argv[3], dir: root.sessionDir() });
    console.log(JSON.stringify({ pid: session.pid(), dir: root.path }));
    process.stdin.once('data', async () => {
      await session.stop();
      root.remove();
      process.exit();
    });`;
  const node = [
    process.execPath,
    '--input-type=module-typescript',
    '-e',
    source,
    JSON.stringify(target),
    flavour,
    how,
  ];
  const [file, ...args] = [...prefix, ...node] as [string, ...string[]];
  const parent = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    parent.stdout.setEncoding('utf8').once('data', resolve);
    parent.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
  return { parent, ...(JSON.parse(line) as { pid: number; dir: string }) };
}

function ancestorsUpTo(pid: number, last: number): number[] {
  const family: number[] = [];
  for (let each = pid; each !== last && each > 1; each = parentOf(each)) family.push(each);
  return family;
}

const parentOf = (pid: number): number =>
  Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

function isAlive(pid: number): boolean {
  try {
    return !/^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(done: () => boolean): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!done()) {
    if (performance.now() > endMs) throw new Error('it did not come to pass in 20 s');
    await sleep(10);
  }
}

/** A raw file of 1 KiB, by the job that QEMU has for it. */
async function createFile(
  qmp: (name: string, args?: Record<string, Json>) => Promise<object>,
  filename: string,
): Promise<object> {
  const started = await qmp('blockdev-create', {
    'job-id': 'create',
    options: { driver: 'file', filename, size: 1024 },
  });
  if ('error' in started) return started;
  for (;;) {
    const { ok } = (await qmp('query-jobs')) as { ok: { status: string; error?: string }[] };
    const job = ok[0];
    if (job?.status !== 'concluded') continue;
    await qmp('job-dismiss', { id: 'create' });
    return job.error === undefined ? { ok: true } : { error: job.error };
  }
}
