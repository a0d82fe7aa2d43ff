import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFindings } from '../src/findings/store.ts';
import { sweepStaleRoots } from '../src/target/stale-roots.ts';

/** What is killed: a worker while something is being shrunk, or else at any moment. */
export type Victim = 'campaign' | 'worker' | 'QEMU' | 'server' | 'shrinking worker';
export type Killed = { victim: Victim; pid: number | undefined };
export type KillPlan = {
  /** Everything of it lies below: temporary directory, findings, corpus, result. */
  dir: string;
  seed: number;
  victims: readonly Victim[];
  /** 0 to 1. */
  random(): number;
  /** The directory of the QEMU programs that are driven. */
  programs: string;
};

/**
 * One hunt of ours, of which these are killed by SIGKILL, one after the other at random moments. Ended by Ctrl-C where
 * the campaign was left alive. `problems`: whatever is not as it should be then.
 */
export async function killHunt(plan: KillPlan): Promise<{ killed: Killed[]; problems: string[] }> {
  const { dir, seed, victims, random } = plan;
  const places = {
    tmp: join(dir, 't'),
    findings: join(dir, 'findings'),
    json: join(dir, `result-${seed}.json`),
  };
  mkdirSync(places.tmp, { recursive: true });
  const args = ['hunt', '--time', '10m', '--seed', String(seed), '--workers', '2', '--qemu', plan.programs];
  const where = ['--findings', places.findings, '--corpus', join(dir, 'corpus'), '--json', places.json];
  const hunting = spawn(resolve(import.meta.dirname, '../bin/mirrorfuzz'), [...args, ...where], {
    env: { ...process.env, TMPDIR: places.tmp },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [hunting.stdout, hunting.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ended = new Promise<number | null>((done) => hunting.once('close', done));
  const isShrinking = (): boolean => count(said, 'FOUND') > count(said, 'minimal') + count(said, 'shorter');
  const killed: Killed[] = [];

  await until(() => said.includes('hunting in') || hunting.exitCode !== null, 120_000);
  for (const victim of victims) {
    await sleep(4_000 * random());
    const pid = await victimOf(victim, hunting.pid as number, places.tmp, isShrinking, random);
    if (pid !== undefined) kill(pid);
    killed.push({ victim, pid });
  }
  const isCampaignKilled = killed.some(({ victim, pid }) => victim === 'campaign' && pid !== undefined);
  if (!isCampaignKilled) {
    await sleep(3_000 * random());
    hunting.kill('SIGINT');
  }
  const code = await ended;
  const problems = [...(await leftOver(places.tmp)), ...spoiltIn(places.findings)];
  if (!isCampaignKilled) problems.push(...summaryProblems(code, said, places.json, killed));
  return { killed, problems };
}

/** QEMU's programs, of which the drivable ones end after some seconds: something to be found, and to be shrunk. */
export function shortLivedPrograms(dir: string): string {
  const isHere = (bin: string): boolean => existsSync(join(bin, 'qemu-system-x86_64'));
  const from = (process.env.PATH ?? '').split(':').find(isHere) ?? '/usr/bin';
  mkdirSync(dir, { recursive: true });
  for (const name of ['qemu-img', 'qemu-io', 'qemu-nbd'])
    if (existsSync(join(from, name))) symlinkSync(join(from, name), join(dir, name));
  for (const name of ['qemu-system-x86_64', 'qemu-storage-daemon']) {
    const file = join(dir, name);
    writeFileSync(file, `#!/bin/sh\nexec timeout --foreground -s SEGV 4 ${join(from, name)} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return dir;
}

/** Waits for one of that kind; undefined where none came. */
async function victimOf(
  victim: Victim,
  campaign: number,
  tmp: string,
  isShrinking: () => boolean,
  random: () => number,
): Promise<number | undefined> {
  if (victim === 'campaign') return campaign;
  let pids: number[] = [];
  await until(() => {
    if (victim === 'shrinking worker' && !isShrinking()) return false;
    pids = processesOf(tmp).filter((pid) => isVictim(victim, pid));
    return pids.length > 0;
  }, 30_000);
  return pids[Math.floor(random() * pids.length)];
}

function isVictim(victim: Victim, pid: number): boolean {
  const [name, line] = [read(pid, 'comm').trim(), read(pid, 'cmdline').replaceAll('\0', ' ')];
  const isMonitored = line.includes('id=monitor');
  switch (victim) {
    case 'worker':
    case 'shrinking worker':
      return name !== 'bwrap' && line.includes('/campaign/worker/worker.');
    case 'QEMU':
      return name.startsWith('qemu-') && isMonitored;
    case 'server':
      return /^(?:qemu-nbd|nbdkit|qemu-storage-)/.test(name) && !isMonitored;
    case 'campaign':
      return false;
  }
}

/** Nothing outlives its hunt: no process, and after the next start's sweep no file, no mount and no loop device. */
async function leftOver(tmp: string): Promise<string[]> {
  await until(() => processesOf(tmp).length === 0, 15_000);
  const processes = processesOf(tmp).map(
    (pid) => `process ${pid} is left: ${read(pid, 'cmdline').slice(0, 200)}`,
  );
  await sweepStaleRoots(tmp);
  const files = readdirSync(tmp).map((name) => `${join(tmp, name)} is left`);
  const mounts = readFileSync('/proc/self/mounts', 'utf8').includes(tmp) ? [`a mount in ${tmp} is left`] : [];
  const sockets = readFileSync('/proc/net/unix', 'utf8').includes(tmp) ? [`a socket in ${tmp} is left`] : [];
  const loops = readdirSync('/sys/block')
    .map((name) => `/sys/block/${name}/loop/backing_file`)
    .filter((file) => existsSync(file) && readFileSync(file, 'utf8').includes(tmp));
  return [...processes, ...files, ...mounts, ...sockets, ...loops.map((file) => `${file} is left`)];
}

/** Every finding is there whole. */
function spoiltIn(dir: string): string[] {
  const store = openFindings(dir);
  const { findings, complaints } = store.list();
  const problems = [...complaints];
  for (const { id, steps, title } of findings) {
    const stored = store.read(id);
    try {
      if (stored.sequence().steps.length !== steps) problems.push(`${id}: its sequence is another one`);
      stored.original();
      if (stored.trace().length === 0) problems.push(`${id}: its trace is empty`);
    } catch (error) {
      problems.push((error as Error).message);
    }
    for (const name of ['repro.sh', 'README.md'])
      if (!existsSync(join(stored.dir, name))) problems.push(`${id}: has no ${name}`);
    if (title.includes('SIGKILL'))
      problems.push(`${id}: a kill of ours is taken for one of QEMU's: ${title}`);
  }
  const odd = existsSync(dir) ? readdirSync(dir).filter((name) => /^\.(?:new|ready)|spoilt/.test(name)) : [];
  return [...problems, ...odd.map((name) => `${name} is left in the store`)];
}

function summaryProblems(
  code: number | null,
  said: string,
  json: string,
  killed: readonly Killed[],
): string[] {
  const problems: string[] = [];
  if (code !== 130) problems.push(`exit code ${code}: ${said.slice(-500)}`);
  if (!said.includes('interrupted after')) problems.push('no summary was printed');
  if (!existsSync(json)) return [...problems, 'no JSON was written'];
  const { workersLost, interrupted } = JSON.parse(readFileSync(json, 'utf8'));
  const workers = killed.filter(({ victim, pid }) => victim.includes('worker') && pid !== undefined).length;
  if (!interrupted) problems.push('the JSON does not say that it was interrupted');
  if (workersLost.length < workers)
    problems.push(`${workersLost.length} of ${workers} lost workers are reported`);
  return problems;
}

/** Everything that has the hunt's temporary directory in its environment or its command line, but for zombies. */
function processesOf(tmp: string): number[] {
  const isOf = (pid: number): boolean =>
    read(pid, 'environ').split('\0').includes(`TMPDIR=${tmp}`) || read(pid, 'cmdline').includes(tmp);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isOf(pid));
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it ended by itself just now
}

async function until(done: () => boolean, mostMs: number): Promise<void> {
  const endMs = performance.now() + mostMs;
  while (!done() && performance.now() < endMs) await sleep(20);
}

const count = (text: string, word: string): number => text.split(word).length - 1;
