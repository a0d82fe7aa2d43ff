import { rmSync } from 'node:fs';
import { startSession } from '../target/process/session.ts';
import { startBare } from './bare-client.ts';
import type { BenchProgram } from './bench.ts';
import { type Figure, inTurn, timedMs } from './measure.ts';

/** From nothing to a negotiated monitor; what confinement and recording cost on top of QEMU's own start. */
export async function sessionStart(
  { target, flavour, root, name }: BenchProgram,
  rounds: number,
): Promise<Figure> {
  const { ours, bare, ratio, difference } = await inTurn(
    rounds,
    async () => {
      const dir = root.sessionDir();
      let close = async (): Promise<void> => {};
      const ms = await timedMs(async () => {
        const session = await startSession({ target, flavour, dir });
        close = session.stop;
      });
      await close();
      rmSync(dir, { recursive: true, force: true });
      return ms;
    },
    async () => {
      const dir = root.sessionDir();
      let close = async (): Promise<void> => {};
      const ms = await timedMs(async () => {
        const client = await startBare(target, flavour, dir);
        close = client.close;
      });
      await close();
      rmSync(dir, { recursive: true, force: true });
      return ms;
    },
  );
  const wanted = { text: '<= bare + 10 ms', met: difference <= 10 };
  return { what: 'session start', on: name, unit: 'ms', ours, bare, ratio, wanted };
}
