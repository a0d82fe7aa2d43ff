import { expect, test } from 'vitest';
import { drawFrom } from '../../src/generate/draw.ts';
import { begin } from '../../src/generate/situation.ts';
import { commitAll } from '../../src/generate/steps/commit-all.ts';
import type { Arena } from '../../src/sequence/arena.ts';
import { binaries, binaryOf } from './binaries.ts';

const image = { format: 'qcow2', sizeBytes: 2 ** 20 } as const;
const overlaid = (frontend: 'nbd' | 'none'): Arena => ({
  disks: [
    { name: 'base', ...image },
    { name: 'src', ...image, backing: 'base', frontend },
  ],
});

test("HMP's commit is sent where somebody has an overlay open, and only to a system emulator", () => {
  const system = binaryOf('10.0');
  const drawn = (arena: Arena, binary = system) => commitAll(drawFrom('a'), begin(binary, arena));
  expect(drawn(overlaid('nbd'))).toMatchObject([
    { qmp: 'human-monitor-command', args: { 'command-line': 'commit all' } },
  ]);
  expect(drawn(overlaid('none'))).toBeUndefined();
  expect(drawn({ disks: [{ name: 'src', ...image, frontend: 'nbd' }] })).toBeUndefined();
  const daemons = binaries.filter(({ schema }) => !schema.commands.has('human-monitor-command'));
  expect(daemons.length).toBeGreaterThan(0);
  for (const daemon of daemons) expect(drawn(overlaid('nbd'), daemon)).toBeUndefined();
});
