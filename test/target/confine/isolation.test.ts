import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { confinement } from '../../../src/target/confine/confinement.ts';
import { isolated } from '../../../src/target/confine/isolation.ts';

const interfaces = "tail -n +3 /proc/self/net/dev | cut -d: -f1 | tr -d ' '";

test.runIf(confinement() === 'bubblewrap')('a network of its own has loopback and nothing else', () => {
  const [file, ...args] = isolated(['sh', '-c', `${interfaces}; readlink /proc/self/ns/net`]) ?? [];
  const [own, ...more] = execaSync(file as string, args).stdout.split('\n');
  expect(own).toBe('lo');
  expect(more).toHaveLength(1);
  expect(more).not.toEqual([execaSync('readlink', ['/proc/self/ns/net']).stdout]);
});
