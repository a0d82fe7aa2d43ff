import { describe, expect, test } from 'vitest';
import { isKnownToFail } from '../../../src/generate/malformed/known-failures.ts';
import { holdsQemuUp } from '../../../src/generate/malformed/known-values.ts';
import { after as afterStep, type Situation } from '../../../src/generate/situation.ts';
import type { JsonObject } from '../../../src/sequence/json-object.ts';
import { binaries, busyScene } from '../scenes.ts';

const sceneOn = (version: string): Situation => {
  const binary = binaries.find((each) => each.version.startsWith(`${version}.`) && each.flavour === 'system');
  if (!binary) throw new Error(`no schema of ${version} among the golden ones`);
  return busyScene(binary);
};

const enable = (name: string): JsonObject => ({
  actions: [{ type: 'block-dirty-bitmap-enable', data: { node: 'base', name } }],
});

describe('a command that would end the run in a known way', () => {
  test.each<[string, string, JsonObject]>([
    ['a null device of negative size', 'blockdev-add', { driver: 'null-co', size: -1 }],
    [
      'the same far down',
      'blockdev-add',
      { driver: 'raw', file: { driver: 'null-aio', size: { number: '-1' } } },
    ],
    ['the same as a file name', 'drive-mirror', { target: 'json:{"driver":"null-co","size":-1}' }],
    ['a cluster of 256 MiB', 'blockdev-backup', { 'x-perf': { 'min-cluster-size': 2 ** 28 } }],
    ['a bitmap that is not there, enabled in a transaction', 'transaction', enable('bm1')],
    ['an overlay over itself', 'blockdev-snapshot', { node: 'base', overlay: 'base' }],
    ['an overlay that stands on what it covers', 'blockdev-snapshot', { node: 'base', overlay: 'src' }],
    ['nothing to reopen', 'blockdev-reopen', { options: [] }],
  ])('is recognised: %s', (_, command, args) => {
    expect(isKnownToFail({ command, args }, sceneOn('10'))).toBe(true);
  });

  test.each<[string, string, JsonObject]>([
    ['a null device of some size', 'blockdev-add', { driver: 'null-co', size: 512 }],
    ['a negative size elsewhere', 'block_resize', { 'node-name': 'base', size: -1 }],
    ['a bitmap that is there, enabled in a transaction', 'transaction', enable('bm0')],
    ['the same bitmap as a command', 'block-dirty-bitmap-enable', { node: 'base', name: 'bm1' }],
    ['an overlay that stands apart', 'blockdev-snapshot', { node: 'dst', overlay: 'base' }],
  ])('is not taken for one: %s', (_, command, args) => {
    expect(isKnownToFail({ command, args }, sceneOn('10'))).toBe(false);
  });

  test.each<[string, JsonObject, boolean]>([
    ['a buffer whose every page is touched', { 'buf-size': 2 ** 32 }, true],
    ['requests that take an hour', { driver: 'null-co', 'latency-ns': 3_600 * 10 ** 9 }, true],
    ['a byte a second, far down', { options: [{ limits: { 'bps-total': 1 } }] }, true],
    ['an ordinary buffer', { 'buf-size': 2 ** 20 }, false],
  ])('what keeps QEMU busy is told apart: %s', (_, args, isSlow) => {
    expect(holdsQemuUp(args)).toBe(isSlow);
  });

  test('a query fells 7.2 only while a stream that has concluded is not dismissed', () => {
    const query = { command: 'query-named-block-nodes', args: {} };
    const stream = { qmp: 'block-stream', args: { 'job-id': 's', device: 'src', 'auto-dismiss': false } };
    const concluded = (scene: Situation): Situation =>
      afterStep(afterStep(scene, stream), { await: 'concluded', job: 's' });
    expect(isKnownToFail(query, concluded(sceneOn('7')))).toBe(true);
    expect(isKnownToFail(query, concluded(sceneOn('10')))).toBe(false);
    expect(isKnownToFail(query, sceneOn('7'))).toBe(false);
  });
});
