import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explain } from '../../src/campaign/explain/explain.ts';
import { slowMotion } from '../../src/campaign/explain/slow-motion.ts';
import { causeOf } from '../../src/findings/stacks/cause.ts';
import { stacks as stacksSchema } from '../../src/findings/stacks/stack.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { buildId } from '../../src/target/debuggers/build-id.ts';
import { type Debuggers, findDebuggers } from '../../src/target/debuggers/debuggers.ts';
import type { QemuTarget } from '../../src/target/programs/binary.ts';
import { openRunRoot } from '../../src/target/run-dir.ts';
import { oneQemu } from '../real/qemus.ts';

const { gdb, valgrind } = findDebuggers();
const target = oneQemu();
const lacks = !target?.daemon ? 'no qemu-storage-daemon is here: ./bootstrap' : undefined;

const withoutGdb = lacks ?? (gdb === undefined ? 'gdb is not installed' : undefined);
if (withoutGdb === undefined)
  test('gdb says where a confined QEMU died: functions, offsets, the build', async () => {
    const { stacks, without } = await explained('findings/4ea3d4aebf19/sequence.json', {
      gdb: gdb as string,
    });
    expect(without).toEqual([]);
    expect(stacksSchema.safeParse(stacks).error).toBeUndefined();
    expect(stacks).toMatchObject([{ by: 'gdb', is: 'fault', said: 'SIGSEGV', parts: [{ of: 'died' }] }]);
    const names = stacks[0]?.parts[0]?.frames.map(({ function: name }) => name);
    expect(names).toEqual(expect.arrayContaining(['bdrv_unref_child', 'qmp_blockdev_del', 'main']));
    const program = (target as QemuTarget).daemon?.argv.findLast((word) =>
      word.endsWith('qemu-storage-daemon'),
    );
    expect(stacks[0]?.build).toBe(buildId(program as string));
  });
else test.skip(withoutGdb, () => {});

const isFetched = target?.origin === 'fetched' ? 'valgrind does not start a fetched QEMU' : undefined;
const withoutValgrind =
  lacks ?? isFetched ?? (valgrind === undefined ? 'valgrind is not installed' : undefined);
if (withoutValgrind === undefined)
  test('valgrind says who freed what it died of', async () => {
    const { stacks } = await explained('findings/4ea3d4aebf19/sequence.json', {
      valgrind: valgrind as string,
    });
    expect(stacks).toMatchObject([{ by: 'valgrind', is: 'use after free' }]);
    expect(stacks.map(causeOf)).toMatchObject([
      {
        frames: ['tran_abort', 'bdrv_reopen_multiple', 'qmp_blockdev_reopen', 'qmp_marshal_blockdev_reopen'],
      },
    ]);
  }, 180_000);
else test.skip(withoutValgrind, () => {});

test('where a debugger can not be had nothing is run, and nothing said', async () => {
  expect(await explained('findings/4ea3d4aebf19/sequence.json', {})).toEqual({ stacks: [], without: [] });
});

test('in slow motion a throttle lets through a twentieth, but not nothing', () => {
  const slow = slowMotion(sequenceIn('findings/ab89e1d6696c/sequence.json'));
  expect(slow.arena.disks.map(({ layers }) => layers)).toEqual([[{ throttle: { iops: 1 } }], undefined]);
});

async function explained(file: string, debuggers: Debuggers) {
  const root = await openRunRoot();
  try {
    return await explain({
      sequence: sequenceIn(file),
      kind: 'crash',
      target: target as QemuTarget,
      flavour: 'daemon',
      root,
      tool: { name: 'mirrorfuzz', version: 'test' },
      debuggers,
    });
  } finally {
    root.remove();
  }
}

const sequenceIn = (file: string): Sequence => parseSequence(readFileSync(file, 'utf8'), file);
