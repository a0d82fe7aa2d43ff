import { expect, test } from 'vitest';
import property from '../../properties/lifecycle.ts';
import { type Aim, aim } from '../../src/generate/aim.ts';
import { drawFrom } from '../../src/generate/draw.ts';
import { hostileCommands } from '../../src/generate/malformed/commands.ts';
import { isCoherent } from '../../src/sequence/coherent.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { QmpStep } from '../../src/sequence/step.ts';
import { binaryOf } from './binaries.ts';

const binary = binaryOf('7.2');

const parent: Sequence = {
  schema: 1,
  title: 'a mirror is paused',
  arena: {
    disks: [
      { name: 'src', format: 'raw', sizeBytes: 1_048_576 },
      { name: 'dst', format: 'raw', sizeBytes: 1_048_576 },
    ],
  },
  steps: [
    {
      qmp: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full' },
    },
    { qmp: 'job-pause', args: { id: 'j0' } },
    { qmp: 'job-resume', args: { id: 'j0' } },
  ],
};
const commands = Object.keys(hostileCommands);
const at = (met: Aim['met']): Aim => ({
  parent,
  moment: { step: 2, jobs: { j0: 'paused' } },
  together: 'paused',
  met,
});
const added = (met: Aim['met'], seed: number): QmpStep[] => {
  const made = aim(at(met), property, binary, drawFrom(`${seed}`));
  if (!made) return [];
  expect(isCoherent(made)).toBe(true);
  expect([...made.steps.slice(0, 2), ...made.steps.slice(-1)]).toEqual(parent.steps);
  return made.steps.slice(2, -1) as QmpStep[];
};

test('commands that the status has not met come in at that moment, each once', () => {
  const met = commands.filter((name) => name !== 'job-complete' && name !== 'query-jobs');
  for (let seed = 0; seed < 50; seed++) {
    const names = added({ paused: met }, seed).map(({ qmp }) => qmp);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(['job-complete', 'query-jobs']).toContain(name);
  }
});

test('a verb goes to the job that stands there', () => {
  const others = commands.filter((name) => !name.startsWith('block-job-'));
  for (let seed = 0; seed < 50; seed++)
    for (const { args } of added({ paused: others }, seed)) expect(args?.device ?? args?.id).toBe('j0');
});

test('where everything has been met there is nothing to aim at', () => {
  expect(aim(at({ paused: commands }), property, binary, drawFrom('1'))).toBeUndefined();
});
