import { afterAll, expect, test } from 'vitest';
import { openTryOut, openTryOutLanes } from '../../src/campaign/try-out.ts';
import { openPairedSessions } from '../../src/execute/sessions/paired-sessions.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { shrink } from '../../src/shrink/shrink.ts';
import { openRunRoot } from '../../src/target/run-dir.ts';
import { onOneQemu } from '../real/qemus.ts';

const root = await openRunRoot();
afterAll(() => root.remove());
const tool = { name: 'test', version: '0' };

const disk = { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded' } as const;
const sequenceOf = (...steps: Sequence['steps']): Sequence => ({
  schema: 1,
  title: 'tried',
  arena: { disks: [disk] },
  steps,
});
const sound = sequenceOf({ qmp: 'query-jobs' });
const unsound = sequenceOf(
  { qmp: 'query-jobs' },
  { qmp: 'query-version', expect: 'error' },
  { qmp: 'query-jobs' },
);

onOneQemu((driven) => {
  const lanes = (count: number) => openTryOutLanes({ ...driven, lanes: count, root, tool });

  test('what a run broke comes with its violations and the trace; what broke nothing, with none', async () => {
    const { tryOut, close } = lanes(1);
    try {
      const broken = await tryOut(unsound);
      expect(broken.signatures).toHaveLength(1);
      expect(broken.violations).toMatchObject([{ rule: { name: 'claim/reply' }, step: 1 }]);
      expect(broken.trace.at(-1)?.kind).toBe('closed');
      expect(await tryOut(sound)).toMatchObject({ signatures: [], violations: [] });
    } finally {
      await close();
    }
  });

  test('an answer that is too long for a datagram is waited for in vain, and the sequence run again on a stream', async () => {
    const paired = openPairedSessions({ ...driven, root, tool });
    try {
      const tryOut = openTryOut({ ...driven, ...paired });
      const name = 'x'.repeat(70_000);
      const asked = { qmp: 'blockdev-del', args: { 'node-name': name }, deadlineMs: 300 } as const;
      const { signatures, trace } = await tryOut(sequenceOf({ ...asked, expect: 'error' }));
      expect(signatures).toEqual([]);
      const answer = trace.find((seen) => seen.kind === 'reply' && seen.error);
      expect(answer).toMatchObject({ error: { desc: expect.stringContaining(name) } });
      expect(paired.sessions.started()).toBe(2);
    } finally {
      await paired.sessions.close();
    }
  });

  test('sequences with commands out of band and without take turns, and none costs another its QEMU', async () => {
    const paired = openPairedSessions({ ...driven, root, tool });
    try {
      const tryOut = openTryOut({ ...driven, ...paired });
      for (let turn = 0; turn < 3; turn++) {
        expect(await tryOut(sequenceOf({ qmp: 'query-jobs', oob: true }))).toMatchObject({ violations: [] });
        expect(await tryOut(sequenceOf({ raw: '{' }))).toMatchObject({ violations: [] });
      }
      expect(paired.sessions.started()).toBe(2);
    } finally {
      await paired.sessions.close();
    }
  });

  test('what this QEMU lacks is not run, and the reason is told', async () => {
    const { tryOut, close } = lanes(1);
    try {
      const tried = await tryOut({ ...unsound, requires: { commands: { 'x-not-there': [] } } });
      expect(tried).toMatchObject({
        signatures: [],
        trace: [],
        reason: expect.stringContaining('x-not-there'),
      });
    } finally {
      await close();
    }
  });

  test('a session that is gone is replaced, and more runs than lanes wait their turn', async () => {
    const { tryOut, close } = lanes(2);
    try {
      const ended = sequenceOf({ qmp: 'quit' }, { await: 'exit' });
      const tried = await Promise.all([ended, unsound, ended, unsound, unsound].map((each) => tryOut(each)));
      expect(tried.map(({ signatures }) => signatures.length)).toEqual([0, 1, 0, 1, 1]);
    } finally {
      await close();
    }
  });

  test('shrinking on it leaves what breaks the rule', async () => {
    const { tryOut, close } = lanes(2);
    try {
      const [signature = ''] = (await tryOut(unsound)).signatures;
      const budget = { executions: 200, deadlineMs: 30_000 };
      const { sequence, complete } = await shrink(unsound, { signature, tryOut, budget, lanes: 2 });
      expect(sequence.steps).toEqual([{ qmp: 'query-version', expect: 'error' }]);
      expect(sequence.arena.disks).toEqual([]);
      expect(complete).toBe(true);
    } finally {
      await close();
    }
  });
});
