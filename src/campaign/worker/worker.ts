import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import { cacheDir } from '../../target/install/cache-dir.ts';
import { openRunRoot } from '../../target/run-dir.ts';
import { isHang } from './is-hang.ts';
import type { FromWorker, RunTask, ShrinkTask, ToWorker } from './worker-messages.ts';

/**
 * A worker's process: tasks come by message, one at a time; each is answered. It ends when the campaign that started it
 * lets go of it, however that came about, and leaves no QEMU and no file behind.
 */
enableCompileCache(join(cacheDir(), 'compiled'));
type TaskRunner = import('./task-runner.ts').TaskRunner;
/** Loaded at once: the plan comes while that lasts, or long after (workers-ahead.ts). */
const code = import('./task-runner.ts');
code.catch(() => {}); // told by whoever awaits it
let runner: TaskRunner | undefined;
/** Messages are handled one after the other: the first makes ready for the rest. */
let handled: Promise<void> = Promise.resolve();
/** Hangs are shrunk beside that, since they wait more than they work; one at a time. */
let shrunkBeside: Promise<void> = Promise.resolve();

process.on('message', (message: ToWorker) => {
  handled = handled.then(() => handle(message)).catch(fail);
});
// Ctrl-C reaches the whole process group; what to do then is the campaign's decision.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.once('disconnect', () => {
  void Promise.resolve(runner?.kill()).finally(() => process.exit(0));
});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'plan':
      runner = await (await code).openTaskRunner(message, await openRunRoot());
      return;
    case 'masks':
      runner?.setMasks(message.masks);
      return;
    case 'switch-off':
      runner?.switchOff(message);
      return;
    case 'reported':
      runner?.noteReported(message);
      return;
    case 'run':
      if (runner) await run(runner, message);
      return;
    case 'explain':
      if (runner) say(await runner.explain(message));
      return;
    case 'shrink':
      if (runner) await shrink(runner, message);
      return;
  }
}

async function run(runner: TaskRunner, task: RunTask): Promise<void> {
  const { ran, suspect } = await runner.run(task, (sequence) => say({ kind: 'begun', sequence }));
  say(ran);
  if (suspect) void runner.confirm(suspect).then(say).catch(fail);
}

async function shrink(runner: TaskRunner, task: ShrinkTask): Promise<void> {
  const work = async (): Promise<void> => say(await runner.shrink(task));
  if (isHang(task.signature)) shrunkBeside = shrunkBeside.then(work).catch(fail);
  else await work();
}

/** Hostile arguments are nested deeper than a structured clone goes, though not deeper than JSON does. */
function say(message: FromWorker): void {
  if (!process.connected) return;
  try {
    process.send?.(message);
  } catch {
    process.send?.({ kind: 'text', text: JSON.stringify(message) });
  }
}

function fail(reason: unknown): void {
  if (!process.connected) process.exit(0);
  const error = reason instanceof Error ? reason : new Error(String(reason));
  const environment = error instanceof EnvironmentError;
  const remedy = environment && error.remedy !== undefined ? { remedy: error.remedy } : {};
  const message = environment ? error.message : (error.stack ?? error.message);
  say({ kind: 'failed', environment, message, ...remedy });
}
