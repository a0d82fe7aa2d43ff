import { expect, test } from 'vitest';
import { applied } from '../../src/shrink/change.ts';
import { command, sequenceOf } from './fake-runs.ts';

const four = sequenceOf([
  command('a'),
  command('b', { x: [1, 2, 3], y: { z: 1 } }),
  command('c'),
  command('d'),
]);

test('paths are those of the sequence as it was, whatever else goes', () => {
  const change = [{ path: ['steps', 0] }, { path: ['steps', 2] }, { path: ['steps', 1, 'args', 'x', 0] }];
  expect(applied(four, change).steps).toEqual([command('b', { x: [2, 3], y: { z: 1 } }), command('d')]);
});

test('what lies in what goes, goes with it, and what lies in what is replaced too', () => {
  const gone = [{ path: ['steps', 1, 'args', 'y', 'z'] }, { path: ['steps', 1] }];
  expect(applied(four, gone).steps).toEqual([command('a'), command('c'), command('d')]);
  const replaced = [
    { path: ['steps', 1, 'args', 'y'], to: 5 },
    { path: ['steps', 1, 'args', 'y', 'z'], to: 7 },
  ];
  expect(applied(four, replaced).steps[1]).toEqual(command('b', { x: [1, 2, 3], y: 5 }));
});

test('the sequence itself stays as it is', () => {
  const before = structuredClone(four);
  applied(four, [{ path: ['steps', 1, 'args', 'x'] }]);
  expect(four).toEqual(before);
});
