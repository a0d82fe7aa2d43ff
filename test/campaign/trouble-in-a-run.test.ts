import { afterAll, expect, test } from 'vitest';
import { type RunItem, runAll } from '../../src/campaign/run-all.ts';
import { openTryOutLanes } from '../../src/campaign/try-out.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import type { QemuTarget } from '../../src/target/programs/binary.ts';
import { openRunRoot } from '../../src/target/run-dir.ts';
import { handOver } from '../../src/target/storage/usable.ts';
import { type Driven, onOneQemu } from '../real/qemus.ts';
import { script } from '../target/fake-qemu.ts';
import { temporaryDir } from '../target/temporary.ts';

const root = await openRunRoot();
afterAll(() => root.remove());
const tool = { name: 'test', version: '0' };

const disk = { name: 'src', format: 'raw', sizeBytes: 2 ** 20 } as const;
const local: Sequence = {
  schema: 1,
  title: 'local',
  arena: { disks: [disk] },
  steps: [{ qmp: 'query-jobs' }],
};
const onServer = (...steps: Step[]): Sequence => ({
  ...local,
  title: 'on a server',
  arena: { disks: [{ ...disk, storage: { nbd: { server: 'qemu-nbd' } } }] },
  steps,
});

/** A QEMU whose qemu-nbd this script is, on a machine that was found to lack nothing. */
function withNbd({ target }: Driven, body: string): QemuTarget {
  const dir = temporaryDir();
  const program = script(`${dir}/qemu-nbd`, body.replaceAll('REAL', target.nbd?.argv[0] ?? 'false'));
  const path = `${dir}/qemu`;
  const lesser = { ...target, path, nbd: { argv: [program], env: {} } };
  handOver(lesser, []);
  return lesser;
}

const never = 'echo "no luck" >&2; exit 1';
const once = '[ -e "$0.ran" ] && { echo "no luck" >&2; exit 1; }; : > "$0.ran"; exec REAL "$@"';

onOneQemu((driven) => {
  const { flavour } = driven;

  test('a server that does not start leaves its sequence without a verdict, says what failed, and the next one runs', async () => {
    const target = withNbd(driven, never);
    const { tryOut, close } = openTryOutLanes({ target, flavour, lanes: 1, root, tool });
    try {
      const tried = await tryOut(onServer({ qmp: 'query-jobs' }));
      expect(tried).toMatchObject({
        signatures: [],
        reason: expect.stringContaining('no luck'),
        trouble: { thing: 'nbd/qemu-nbd' },
      });
      expect(await tryOut(local)).not.toHaveProperty('reason');
    } finally {
      await close();
    }
  });

  test('a server that is killed and does not come back does the same, and what QEMU did before is no violation', async () => {
    const target = withNbd(driven, once);
    const { tryOut, close } = openTryOutLanes({ target, flavour, lanes: 1, root, tool });
    try {
      const killed = { fault: 'server', disk: 'src', is: 'killed' } as const;
      const tried = await tryOut(onServer(killed, { ...killed, is: 'well' }));
      expect(tried).toMatchObject({ violations: [], trouble: { thing: 'nbd/qemu-nbd' } });
      expect(tried.trace.at(-1)?.kind).toBe('closed');
      expect(await tryOut(local)).not.toHaveProperty('reason');
    } finally {
      await close();
    }
  });

  test('of many sequences those are unknown that the machine failed, with its reason; the others are judged', async () => {
    const target = withNbd(driven, never);
    const items: RunItem[] = [];
    const sequences = [onServer(), local, ...Array(6).fill(onServer()), local].map((sequence, at) => ({
      name: `${at}`,
      file: `${at}.json`,
      sequence,
    }));
    const programs = [{ target, flavour }];
    const all = runAll({ sequences, programs, workers: 1, root, tool }, (item) => void items.push(item));
    await all.finished;
    expect(items.map(({ verdict }) => verdict)).toEqual([
      ...['unknown', 'pass'],
      ...Array(6).fill('unknown'),
      'pass',
    ]);
    expect(items[0]?.reason).toContain('no luck');
    expect(items[7]?.reason).toBe('nbd/qemu-nbd failed 5 times in a row, so this was not run');
    expect(all.hopeless()).toBeUndefined();
  });

  test('where nothing at all was judged, the machine is to blame', async () => {
    const target = withNbd(driven, never);
    const sequences = [{ name: 'only', file: 'only.json', sequence: onServer() }];
    const all = runAll({ sequences, programs: [{ target, flavour }], workers: 1, root, tool }, () => {});
    await all.finished;
    expect(all.hopeless()?.message).toContain('no luck');
  });
});
