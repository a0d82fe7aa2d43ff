import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Draw, drawFrom } from '../generate/draw.ts';
import { qemuImg } from '../target/images/qemu-img.ts';
import type { BenchProgram } from './bench.ts';

/**
 * The hundred-line random script that anybody would write first, and what a hunt has to beat: a fresh QEMU for each
 * run, 5 to 60 random block job commands over a pipe, and the only thing it notices is that QEMU died. Returns the
 * distinct last words, with the milliseconds at which each was first met.
 */
export async function naiveScript(
  program: BenchProgram,
  seed: string,
  budgetMs: number,
): Promise<{ words: Map<string, number>; runs: number }> {
  const dir = program.root.sessionDir();
  const words = new Map<string, number>();
  const begunMs = performance.now();
  let runs = 0;
  while (performance.now() - begunMs < budgetMs) {
    const died = await runOnce(program, dir, drawFrom(`naive ${seed} ${runs++}`));
    if (died !== undefined && !words.has(died)) words.set(died, performance.now() - begunMs);
  }
  rmSync(dir, { recursive: true, force: true });
  return { words, runs };
}

async function runOnce(
  { target, flavour }: BenchProgram,
  parent: string,
  draw: Draw,
): Promise<string | undefined> {
  const dir = join(parent, 'naive');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const img = target.img as NonNullable<typeof target.img>;
  for (const name of ['a', 'b', 'c'])
    await qemuImg(img, ['create', '-q', '-f', 'qcow2', join(dir, name), '4M']);
  const program = flavour === 'system' ? target.system : target.daemon;
  const options =
    flavour === 'daemon'
      ? ['--chardev', 'stdio,id=m', '--monitor', 'chardev=m']
      : ['-machine', 'none', '-nodefaults', '-display', 'none', '-qmp', 'stdio'];
  const [file, ...args] = [...(program?.argv ?? []), ...options];
  const child = spawn(file as string, args, { cwd: dir, env: { ...process.env, ...program?.env } });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, signal) => resolve(signal)),
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.on('error', () => {});
  await talk(child, dir, draw);
  const deadline = setTimeout(() => child.kill('SIGKILL'), 3_000);
  const signal = await ended;
  clearTimeout(deadline);
  if (signal === null || signal === 'SIGKILL') return undefined;
  return `${signal} ${/(\w+): Assertion .*|ERROR:.*/.exec(said)?.[0].replaceAll(/\d+/g, 'N') ?? ''}`.trim();
}

/** Sends commands with a little time between them, reading nothing but whether QEMU still takes them. */
async function talk(child: ChildProcess, dir: string, draw: Draw): Promise<void> {
  const send = (execute: string, args: object): void => {
    if (child.exitCode === null && child.signalCode === null)
      child.stdin?.write(`${JSON.stringify({ execute, arguments: args })}\n`);
  };
  child.stdout?.resume();
  send('qmp_capabilities', {});
  for (const name of ['a', 'b', 'c']) {
    const image = { driver: 'file', filename: join(dir, name) };
    send('blockdev-add', { driver: 'qcow2', 'node-name': name, file: image });
  }
  const wanted = draw.int(5, 60);
  for (let sent = 0; sent < wanted; sent++) {
    const [name, args] = randomCommand(draw);
    send(name, args);
    if (draw.chance(0.2)) await new Promise((resolve) => setTimeout(resolve, draw.int(1, 5)));
  }
  send('quit', {});
}

function randomCommand(draw: Draw): [string, object] {
  const id = draw.oneOf(['j0', 'j1', 'j2']);
  const node = (): string => draw.oneOf(['a', 'b', 'c', 's0']);
  const common = {
    'job-id': id,
    ...draw.sometimes(0.5, { speed: draw.oneOf([0, 1, 65_536]) }),
    ...draw.sometimes(0.3, { 'auto-finalize': draw.chance(0.5) }),
    ...draw.sometimes(0.3, { 'auto-dismiss': draw.chance(0.5) }),
  };
  const sync = draw.oneOf(['full', 'top', 'none']);
  switch (draw.int(0, 9)) {
    case 0:
    case 1:
      return ['blockdev-mirror', { ...common, device: node(), target: node(), sync }];
    case 2:
      return ['blockdev-backup', { ...common, device: node(), target: node(), sync }];
    case 3:
      return ['block-stream', { ...common, device: node() }];
    case 4:
      return ['block-commit', { ...common, device: node() }];
    case 5:
      return [
        'blockdev-snapshot-sync',
        { 'node-name': node(), 'snapshot-file': 's0', 'snapshot-node-name': 's0', format: 'qcow2' },
      ];
    case 6:
      return [draw.oneOf(['query-jobs', 'query-block-jobs', 'query-named-block-nodes']), {}];
    case 7:
      return ['block-job-set-speed', { device: id, speed: draw.oneOf([0, 1, 2 ** 20]) }];
    default:
      return [`job-${draw.oneOf(['pause', 'resume', 'cancel', 'complete', 'finalize', 'dismiss'])}`, { id }];
  }
}
