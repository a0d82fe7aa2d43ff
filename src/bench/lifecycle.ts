import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from '../execute/execute.ts';
import { openSessions } from '../execute/sessions/sessions.ts';
import { openTraceFile } from '../execute/trace-file.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { openImageStore } from '../target/images/image-store.ts';
import type { Observation } from '../trace/observation.ts';
import { type BareClient, startBare } from './bare-client.ts';
import type { BenchProgram } from './bench.ts';
import { type Compared, type Figure, inTurn, ratePerSecond } from './measure.ts';

/** A whole mirror: add nodes, mirror, READY, cancel, gone, delete nodes. */
export const wholeMirror: Sequence = {
  schema: 1,
  title: 'a whole mirror',
  arena: {
    disks: [
      { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded' },
      { name: 'dst', format: 'qcow2', sizeBytes: 2 ** 20 },
    ],
  },
  steps: [
    {
      qmp: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full' },
      expect: 'ok',
    },
    { await: 'READY', job: '#0', expect: 'met' },
    { qmp: 'block-job-cancel', args: { device: '#0' }, expect: 'ok' },
    { await: 'gone', job: '#0', expect: 'met' },
  ],
};

/** Round trips of one query. */
export const manyQueries = (count: number): Sequence => ({
  schema: 1,
  title: 'queries',
  arena: { disks: [] },
  steps: Array.from({ length: count }, () => ({ qmp: 'query-jobs' })),
});

/** Lifecycles and round trips a second, ours against the bare client's on the same images and commands. */
export async function throughput(
  { target, flavour, root, tool, name }: BenchProgram,
  rounds: number,
  goes: number,
): Promise<Figure[]> {
  const sessions = openSessions({ target, flavour, root, tool });
  const bareDir = root.sessionDir();
  const bare = await startBare(target, flavour, bareDir);
  try {
    const run = async (sequence: Sequence, sink?: (seen: Observation) => void): Promise<void> => {
      const { pristine } = await execute(sequence, await sessions.pristine(sequence), sink);
      await sessions.giveBack(pristine);
    };
    const once = await bareLifecycle(bare, bareDir);
    const lifecycles = await inTurn(
      rounds,
      () => ratePerSecond(goes, () => run(wholeMirror)),
      () => ratePerSecond(goes, once),
    );
    const queries = 10 * goes;
    const sequence = manyQueries(queries);
    const roundTrips = await inTurn(
      rounds,
      async () => queries * (await ratePerSecond(1, () => run(sequence))),
      () => ratePerSecond(queries, () => bare.command('query-jobs')),
    );
    const file = openTraceFile(join(root.path, 'bench.jsonl'));
    const traced = await inTurn(
      rounds,
      async () => queries * (await ratePerSecond(1, () => run(sequence, file.sink))),
      () => ratePerSecond(queries, () => bare.command('query-jobs')),
    );
    file.close();
    return [
      compared('mirror lifecycles', lifecycles),
      compared('QMP round trips', roundTrips),
      compared('commands, trace on disk', traced),
    ];
  } finally {
    await sessions.close();
    await bare.close();
    rmSync(bareDir, { recursive: true, force: true });
  }

  function compared(what: string, { ours, bare: theirs, ratio }: Compared): Figure {
    const wanted = { text: '>= 0.85 of bare', met: ratio >= 0.85 };
    return { what, on: name, unit: '/s', ours, bare: theirs, ratio, wanted };
  }
}

async function bareLifecycle(bare: BareClient, dir: string): Promise<() => Promise<void>> {
  const templates = join(dir, 'templates');
  const images = join(dir, 'images');
  mkdirSync(templates);
  mkdirSync(images);
  const store = openImageStore({ dir: templates });
  const [src, dst] = ['src', 'dst'].map((name) => ({
    name,
    format: 'qcow2' as const,
    sizeBytes: 2 ** 20,
    fill: name === 'src' ? ('seeded' as const) : ('empty' as const),
    seedText: name,
  }));
  if (!src || !dst) throw new Error('unreachable: two images');
  const add = (name: string) => [
    {
      name: 'blockdev-add',
      args: { driver: 'file', 'node-name': `${name}-file`, filename: join(images, `${name}.qcow2`) },
    },
    { name: 'blockdev-add', args: { driver: 'qcow2', 'node-name': name, file: `${name}-file` } },
  ];
  const remove = ['dst', 'dst-file', 'src', 'src-file'].map((node) => ({
    name: 'blockdev-del',
    args: { 'node-name': node },
  }));
  return async () => {
    store.place(src, images);
    store.place(dst, images);
    await bare.commands([...add('src'), ...add('dst')]);
    await bare.command('blockdev-mirror', { 'job-id': 'j0', device: 'src', target: 'dst', sync: 'full' });
    await bare.event('BLOCK_JOB_READY', () => true);
    await bare.command('block-job-cancel', { device: 'j0' });
    await bare.event('JOB_STATUS_CHANGE', (data) => data.status === 'null');
    await bare.commands(remove);
  };
}
