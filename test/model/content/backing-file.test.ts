import { expect, test } from 'vitest';
import { changeBackingFile } from '../../../src/model/content/effects/nodes.ts';
import { type Image, type ImageGraph, unknown } from '../../../src/model/content/image-graph.ts';

/** `src` over `base`, and what change-backing-file makes of its header. */
function headerAfter(backingFile: string): Image['header'] {
  const src: Image = {
    file: 'src.qcow2',
    format: 'qcow2',
    sizeBytes: 65_536,
    header: 'base.qcow2',
    backing: 'base.qcow2',
    apart: undefined,
    empty: false,
    settled: unknown,
    writing: undefined,
  };
  const graph: ImageGraph = {
    images: new Map([[src.file, src]]),
    nodes: new Map([['src', { file: src.file, whole: true }]]),
    served: new Map(),
    disks: new Map(),
    jobs: new Map(),
    past: [],
    overwritten: [],
    now: 0,
    lostAt: Number.POSITIVE_INFINITY,
  };
  const args = { device: 'src', 'image-node-name': 'src', 'backing-file': backingFile };
  changeBackingFile(graph, { name: 'change-backing-file', args, sent: 1, done: 2 });
  return src.header;
}

test('a header that names the same file again shows the same', () => {
  expect(headerAfter('/run/q0/base.qcow2')).toBe('base.qcow2');
});

test('what a header shows that names another file is not followed', () => {
  expect(headerAfter('/run/q0/other.qcow2')).toBe('unknown');
});
