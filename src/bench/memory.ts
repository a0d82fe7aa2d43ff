import { execute } from '../execute/execute.ts';
import { openSessions } from '../execute/sessions/sessions.ts';
import type { BenchProgram } from './bench.ts';
import { wholeMirror } from './lifecycle.ts';
import type { Figure } from './measure.ts';

/** Resident memory of mirrorfuzz itself over `sequences` runs of one reused session: it must not grow. */
export async function memory(
  { target, flavour, root, tool, name }: BenchProgram,
  sequences: number,
): Promise<Figure[]> {
  const sessions = openSessions({ target, flavour, root, tool });
  const early = Math.ceil(sequences / 10);
  let afterEarly = 0;
  try {
    for (let i = 1; i <= sequences; i++) {
      const { pristine } = await execute(wholeMirror, await sessions.pristine(wholeMirror));
      await sessions.giveBack(pristine);
      if (i === early) afterEarly = residentMiB();
    }
    const atEnd = residentMiB();
    const growth = (100 * (atEnd - afterEarly)) / afterEarly;
    return [
      { what: `RSS after ${early} sequences`, on: name, unit: 'MiB', ours: afterEarly },
      {
        what: `RSS after ${sequences} sequences`,
        on: name,
        unit: 'MiB',
        ours: atEnd,
        wanted: { text: 'grows < 10 %', met: growth < 10 },
      },
      {
        what: 'sessions they took',
        on: name,
        unit: '',
        ours: sessions.started(),
        wanted: { text: '1', met: sessions.started() === 1 },
      },
    ];
  } finally {
    await sessions.close();
  }
}

/** The collector is asked first where node runs with --expose-gc, so that garbage does not count as growth. */
export function residentMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}
