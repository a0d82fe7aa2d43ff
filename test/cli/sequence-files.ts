import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A sequence file in `dir`. */
export function sequenceFile(dir: string, name: string, content: object): string {
  const file = join(dir, `${name}.json`);
  const sequence = { schema: 1, title: name, arena: { disks: [] }, steps: [], ...content };
  writeFileSync(file, JSON.stringify(sequence, null, 2));
  return file;
}

const disk = { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded' };
const mirror = {
  qmp: 'blockdev-mirror',
  args: { 'job-id': 'j0', device: { disk: 'src' }, target: { newDisk: 'dst' }, sync: 'full' },
  expect: 'ok',
};

export const sound = {
  arena: { disks: [disk] },
  steps: [mirror, { await: 'READY', job: 'j0', expect: 'met' }],
};
/** It claims what is not so. */
export const unsound = { steps: [{ qmp: 'query-version', expect: 'error' }] };
/** QEMU makes no node of a disk's own file node's name. */
export const refused = { arena: { disks: [disk, { ...disk, name: 'src-file' }] } };
export const endless = (pauses: number) => ({
  ...sound,
  steps: [...sound.steps, ...Array(pauses).fill({ pause: 10_000 })],
});
