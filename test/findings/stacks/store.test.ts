import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Stack } from '../../../src/findings/stacks/stack.ts';
import { openFindings } from '../../../src/findings/store.ts';
import { temporaryDir } from '../../target/temporary.ts';
import { crashFound } from '../found.ts';
import { gdbOf4ea3, recordedText, sanitizerStack, valgrindOf4ea3 } from './recorded.ts';

const heap = { stderr: 'double free or corruption (out)\n' };

test('two defects that break the heap are one bag without a debugger, and two findings with valgrind', () => {
  const store = openFindings(temporaryDir());
  const first = store.record({ ...crashFound(heap), stacks: [valgrindOf4ea3()] });
  expect(store.record(crashFound(heap))).toMatchObject({ id: first.id, isNew: false });
  const second = store.record({ ...crashFound(heap), stacks: [sanitizerStack()] });
  expect(second).toMatchObject({ isNew: true, joined: [] });
  expect(second.id).not.toBe(first.id);
  expect(store.record({ ...crashFound(heap), stacks: [sanitizerStack()] })).toMatchObject({
    id: second.id,
    isNew: false,
  });
  expect(store.record({ ...crashFound(heap), stacks: [valgrindOf4ea3()] })).toMatchObject({
    id: first.id,
    isNew: false,
  });
});

test('two signals of one use after free are one finding once both are explained; the other id is a link', () => {
  const dir = temporaryDir();
  const store = openFindings(dir);
  const broken = store.record(crashFound(heap));
  const segv = store.record(crashFound({ stderr: '', steps: 2 }));
  expect(segv.id).not.toBe(broken.id);
  expect(store.setStacks(broken.id, [valgrindOf4ea3()])).toEqual({ id: broken.id, joined: [] });
  expect(store.setStacks(segv.id, [gdbOf4ea3(), valgrindOf4ea3()])).toEqual({
    id: segv.id,
    joined: [broken.id],
  });
  expect(lstatSync(join(dir, broken.id)).isSymbolicLink()).toBe(true);
  expect(store.list().findings).toHaveLength(1);
});

test('of two that are alike the one stays that somebody has looked at', () => {
  const store = openFindings(temporaryDir());
  const first = store.record({ ...crashFound(heap), stacks: [valgrindOf4ea3()] });
  store.triage(first.id, { status: 'confirmed' });
  const second = store.record(crashFound({ stderr: '' }));
  expect(store.setStacks(second.id, [valgrindOf4ea3()])).toEqual({ id: first.id, joined: [first.id] });
});

test('an assertion says itself what it is: stacks do not tell two of them apart', () => {
  const store = openFindings(temporaryDir());
  const first = store.record({ ...crashFound(), stacks: [valgrindOf4ea3()] });
  expect(store.record({ ...crashFound(), stacks: [sanitizerStack()] }).id).toBe(first.id);
});

test('a build with AddressSanitizer needs no debugger', () => {
  const store = openFindings(temporaryDir());
  const { id } = store.record(crashFound({ stderr: recordedText('asan') }));
  expect(store.read(id).finding.stacks).toMatchObject([{ by: 'sanitizer', is: 'use after free' }]);
});

test('the report shows every stack, and nothing in it is markup', () => {
  const dir = temporaryDir();
  const store = openFindings(dir);
  const { id } = store.record(crashFound());
  const hostile: Stack = {
    ...valgrindOf4ea3(),
    parts: [{ of: 'freed', frames: [{ function: '```\n# <b>\u202e', module: 'qemu-img' }] }],
  };
  store.setStacks(id, [gdbOf4ea3(), hostile]);
  const report = readFileSync(join(dir, id, 'README.md'), 'utf8');
  expect(report).toContain('## Stacks');
  expect(report).toMatch(/^By gdb, QEMU 7\.2\.22 \(qemu-storage-daemon, build 9ffb0ed601852ae9\):$/m);
  expect(report).toContain('#1  bdrv_unref_child  qemu-storage-daemon+0xe4bd7');
  expect(report).not.toMatch(/^# <b>/m);
  expect(report).toContain('\\u202e');
  const old = store.read(id).finding.stacks;
  store.setStacks(id, [gdbOf4ea3()]);
  expect(store.read(id).finding.stacks).toEqual(old); // the same debugger on the same QEMU: in its place
});

test('finding.json with stacks that are none is refused, by the name of the field', () => {
  const dir = temporaryDir();
  const store = openFindings(dir);
  const { id } = store.record({ ...crashFound(), stacks: [{ ...gdbOf4ea3(), build: '../..' }] });
  expect(() => store.read(id)).toThrow(/finding\.json: stacks\.0\.build: /);
});
