import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openRunRoot } from '../../src/target/run-dir.ts';
import { ownerLine, runRootPrefix } from '../../src/target/stale-roots.ts';
import { temporaryDir } from './temporary.ts';

let base: string;
beforeEach(() => {
  base = temporaryDir();
  vi.stubEnv('TMPDIR', base);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
});

test('the run root lies in $TMPDIR, for its user alone', async () => {
  const root = await openRunRoot();
  expect(root.path.startsWith(`${base}/mirrorfuzz-${process.getuid?.()}-`)).toBe(true);
  expect(statSync(root.path).mode & 0o777).toBe(0o700);
});

test('each session gets a directory of its own with a short name', async () => {
  const root = await openRunRoot();
  expect([root.sessionDir(), root.sessionDir()]).toEqual([join(root.path, 's1'), join(root.path, 's2')]);
  expect(readdirSync(root.path).sort()).toEqual(['owner', 's1', 's2']);
});

test('removing takes everything along, and a second time does no harm', async () => {
  const root = await openRunRoot();
  writeFileSync(join(root.sessionDir(), 'image'), 'x');
  root.remove();
  root.remove();
  expect(readdirSync(base)).toEqual([]);
});

test('what nobody has removed goes when the process exits', () => {
  const module = new URL('../../src/target/run-dir.ts', import.meta.url).href;
  const script = `const { openRunRoot } = await import('${module}');
    await openRunRoot(); await openRunRoot(); process.exit(3);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  expect(status).toBe(3);
  expect(readdirSync(base)).toEqual([]);
});

test('a root whose owner was killed is swept by the next start', async () => {
  const owner = await sleeper();
  const stale = foreignRoot('dead', ownerLine(owner.pid));
  writeFileSync(join(stale, 'image'), 'x');
  await killed(owner);
  await openRunRoot();
  expect(existsSync(stale)).toBe(false);
});

test('a root that could be removed only in part still says whose it is, and goes with the next sweep', async () => {
  const owner = await sleeper();
  const stale = foreignRoot('dead', ownerLine(owner.pid));
  await killed(owner);
  const dir = join(stale, 's1');
  mkdirSync(dir);
  writeFileSync(join(dir, 'image'), 'x');
  const isRoot = process.getuid?.() === 0;
  const [hold, release] = isRoot
    ? [
        ['mount', '-t', 'tmpfs', 'mirrorfuzz-test', dir],
        ['umount', dir],
      ]
    : [
        ['chmod', '500', dir],
        ['chmod', '700', dir],
      ];
  spawnSync(hold[0] as string, hold.slice(1));
  onTestFinished(() => void spawnSync(release[0] as string, release.slice(1)));
  await openRunRoot();
  expect(readdirSync(stale).sort()).toEqual(['owner', 's1']);
  spawnSync(release[0] as string, release.slice(1));
  await openRunRoot();
  expect(existsSync(stale)).toBe(false);
});

test("a living owner's root is left alone", async () => {
  const owner = await sleeper();
  const live = foreignRoot('live', ownerLine(owner.pid));
  const own = await openRunRoot();
  await openRunRoot();
  expect(existsSync(live)).toBe(true);
  expect(existsSync(own.path)).toBe(true);
});

test('a root is swept when its pid now belongs to a process started later', async () => {
  const [pid, , namespace] = ownerLine().trim().split(' ');
  const stale = foreignRoot('reused', `${pid} 1 ${namespace}\n`);
  await openRunRoot();
  expect(existsSync(stale)).toBe(false);
});

test('a root owned in another pid namespace is left alone', async () => {
  const other = foreignRoot('container', '1 1 pid:[1]\n');
  await openRunRoot();
  expect(existsSync(other)).toBe(true);
});

test("another machine's root is left alone in a directory that both share", async () => {
  const [pid, started, namespace, , machine] = ownerLine(deadPid()).trim().split(' ');
  const other = foreignRoot('other-host', `${pid} ${started} ${namespace} another-boot ${machine}-2\n`);
  await openRunRoot();
  expect(existsSync(other)).toBe(true);
});

test("this machine's own root of an earlier boot is swept, whoever has its pid now", async () => {
  const [, , , , machine] = ownerLine().trim().split(' ');
  const [pid, started] = ownerLine().split(' ');
  const stale = foreignRoot('before-reboot', `${pid} ${started} pid:[1] another-boot ${machine}\n`);
  await openRunRoot();
  expect(existsSync(stale)).toBe(false);
});

test('a root without owner is swept only once it is old', async () => {
  const fresh = foreignRoot('fresh');
  const old = foreignRoot('old');
  const anHourAgo = Date.now() / 1000 - 3600;
  utimesSync(old, anHourAgo, anHourAgo);
  await openRunRoot();
  expect([existsSync(fresh), existsSync(old)]).toEqual([true, false]);
});

test('a link that looks like a stale root is not followed', async () => {
  const elsewhere = temporaryDir();
  writeFileSync(join(elsewhere, 'owner'), '1 1 x\n');
  const link = join(base, `${runRootPrefix()}link`);
  symlinkSync(elsewhere, link);
  await openRunRoot();
  expect(existsSync(join(elsewhere, 'owner'))).toBe(true);
});

test('links within a stale root are removed, not what they point to', async () => {
  const elsewhere = temporaryDir();
  writeFileSync(join(elsewhere, 'precious'), 'x');
  const stale = foreignRoot('links', ownerLine(deadPid()));
  symlinkSync(elsewhere, join(stale, 's1'));
  await openRunRoot();
  expect(existsSync(stale)).toBe(false);
  expect(existsSync(join(elsewhere, 'precious'))).toBe(true);
});

test('a base that is not there is one clear line with its remedy', async () => {
  vi.stubEnv('TMPDIR', join(base, 'missing'));
  await expect(openRunRoot()).rejects.toMatchObject({
    name: 'EnvironmentError',
    message: expect.stringContaining(join(base, 'missing')),
    remedy: expect.stringContaining('TMPDIR'),
  });
});

test('a base whose path leaves no room for a socket is refused, and nothing is left there', async () => {
  const deep = join(base, 'd'.repeat(90));
  mkdirSync(deep);
  vi.stubEnv('TMPDIR', deep);
  await expect(openRunRoot()).rejects.toThrow(/too long a path/);
  expect(readdirSync(deep)).toEqual([]);
});

function foreignRoot(name: string, owner?: string): string {
  const root = join(base, runRootPrefix() + name);
  mkdirSync(root);
  if (owner !== undefined) writeFileSync(join(root, 'owner'), owner);
  return root;
}

async function sleeper() {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function killed(child: Awaited<ReturnType<typeof sleeper>>): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function deadPid(): number {
  return spawnSync('true').pid;
}
