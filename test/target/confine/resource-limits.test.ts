import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { limited } from '../../../src/target/confine/resource-limits.ts';

const asks = ['sh', '-c', 'ulimit -v; ulimit -f; ulimit -n; ulimit -c'];
const module = new URL('../../../src/target/confine/resource-limits.ts', import.meta.url).href;

test('a command gets the limits that keep the host safe, without any program for it', () => {
  const [file, ...args] = limited({ argv: [], env: {} }, asks);
  expect(execaSync(file as string, args, { env: { PATH: '/bin' } }).stdout.split('\n')).toEqual([
    `${2 ** 23}`,
    `${2 ** 32}`,
    '1024',
    '0',
  ]);
});

test('where a user may have less than that, less is the limit, and the command starts', () => {
  const source = `import { limited } from '${module}'; console.log(JSON.stringify(limited({ argv: [], env: {} }, [])))`;
  const node = [process.execPath, '--input-type=module', '-e', source];
  const { stdout } = execaSync('sh', ['-c', 'ulimit -n 200 && ulimit -f 4096 && exec "$@"', 'sh', ...node]);
  const [, , script] = JSON.parse(stdout) as string[];
  expect(script).toMatch(/^ulimit -v 8388608 && ulimit -f 4096 && ulimit -n 200 && ulimit -c 0 && /);
});

test('what needs all of the address space there is gets no limit on it', () => {
  const [file, ...args] = limited({ argv: [], env: {}, needs: { reads: [], memory: 'unlimited' } }, asks);
  expect(execaSync(file as string, args).stdout.split('\n')).toEqual([
    'unlimited',
    `${2 ** 32}`,
    '1024',
    '0',
  ]);
});
