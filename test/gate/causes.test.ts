import { expect, test } from 'vitest';
import { openCauses } from '../../src/gate/causes.ts';

test('what has been found out about a signature holds for the next item, in the same flavour', () => {
  const causes = openCauses();
  causes.note('daemon', new Set(['a']), { is: 'same', item: 'scenario/one' });
  expect(causes.find('daemon', new Set(['a']))).toEqual({ is: 'same', item: 'scenario/one' });
  expect(causes.find('system', new Set(['a']))).toBeUndefined();
  expect(causes.find('daemon', new Set(['a', 'b']))).toBeUndefined();
});

test('a fault of one signature is a fault of all, and is not forgotten', () => {
  const causes = openCauses();
  causes.note('daemon', new Set(['a', 'b']), { is: 'same', item: 'scenario/one' });
  causes.note('daemon', new Set(['b']), { is: 'fault', item: 'scenario/two' });
  causes.note('daemon', new Set(['b']), { is: 'same', item: 'scenario/three' });
  expect(causes.find('daemon', new Set(['a', 'b']))).toEqual({ is: 'fault', item: 'scenario/two' });
});
