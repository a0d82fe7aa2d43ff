import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Step } from '../../src/sequence/step.ts';
import { onEveryQemu, onOneQemu } from '../real/qemus.ts';
import { driving, type Part, seen } from './driving.ts';
import { cancel, disk, mirror, untilGone, untilReady } from './sequences.ts';

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('one session serves many sequences, each of which finds it as new', async () => {
    const parts: Part[] = [
      { steps: [] },
      { disks: [disk()], steps: [mirror({ expect: 'ok' }), untilReady, cancel, untilGone] },
      { disks: [disk()], steps: [mirror({ expect: 'ok' })] },
      {
        disks: [disk({ name: 'base' }), disk({ backing: 'base' })],
        steps: [mirror({ expect: 'ok' }), untilReady],
      },
      { disks: [disk({ frontend: 'nbd' })], steps: [{ guest: 'write', disk: 'src', expect: 'ok' }] },
    ];
    for (const part of [...parts, ...parts]) {
      const empty: Step[] = [
        { qmp: 'query-jobs', expect: { return: [] } },
        { qmp: 'query-block-exports', expect: { return: [] } },
        { qmp: 'query-named-block-nodes', expect: { return: [] } },
      ];
      expect((await qemu.run({ steps: empty })).rules).toEqual([]);
      const ran = await qemu.run(part);
      expect(ran.rules).toEqual([]);
      expect(ran.pristine).toBe(true);
    }
    expect(qemu.sessions().started()).toBe(1);
    expect(readdirSync(qemu.sessions().session()?.dir ?? '')).toEqual([]);
  });
});

onOneQemu((driven) => {
  const qemu = driving(driven);
  const server: Step = {
    qmp: 'nbd-server-start',
    args: { addr: { type: 'unix', data: { path: { newFile: 'own.sock' } } } },
    expect: 'ok',
  };
  const throttleGroup: Step = {
    qmp: 'object-add',
    args: { 'qom-type': 'throttle-group', id: 'own' },
    expect: 'ok',
  };
  const addNode = (name: string, options: object): Step => ({
    qmp: 'blockdev-add',
    args: { driver: 'null-co', 'node-name': name, ...options },
    expect: 'ok',
  });

  const untidy: [string, Part][] = [
    ['a node', { steps: [addNode('own', {})] }],
    [
      'a chain of nodes',
      {
        steps: [
          addNode('low', {}),
          addNode('mid', { driver: 'raw', file: 'low' }),
          addNode('top', { driver: 'raw', file: 'mid' }),
        ],
      },
    ],
    [
      'a dirty bitmap',
      {
        disks: [disk()],
        steps: [{ qmp: 'block-dirty-bitmap-add', args: { node: 'src', name: 'b' }, expect: 'ok' }],
      },
    ],
    ['an object', { steps: [throttleGroup] }],
    ['an NBD server', { steps: [server] }],
    [
      'an export',
      {
        disks: [disk()],
        steps: [
          server,
          { qmp: 'block-export-add', args: { id: 'own', type: 'nbd', 'node-name': 'src' }, expect: 'ok' },
        ],
      },
    ],
    [
      'a paused job',
      {
        disks: [disk()],
        steps: [mirror({ expect: 'ok' }), { qmp: 'job-pause', args: { id: 'j0' }, expect: 'ok' }],
      },
    ],
    [
      'a job that waits to be dismissed',
      {
        disks: [disk()],
        steps: [
          mirror({ expect: 'ok' }, { 'auto-dismiss': false }),
          untilReady,
          cancel,
          { await: 'concluded', job: 'j0', expect: 'met' },
        ],
      },
    ],
    [
      'a job that waits to be finalized',
      {
        disks: [disk()],
        steps: [
          mirror({ expect: 'ok' }, { 'auto-finalize': false }),
          untilReady,
          cancel,
          { await: 'pending', job: 'j0', expect: 'met' },
        ],
      },
    ],
    [
      'an injected error',
      {
        disks: [disk({ frontend: 'nbd' })],
        steps: [
          { fault: 'inject', disk: 'src', errno: 'EIO' },
          { guest: 'write', disk: 'src' },
        ],
      },
    ],
    ['a stopped process', { disks: [disk()], steps: [{ fault: 'sigstop' }, mirror()] }],
    [
      'less than there was: the export',
      {
        disks: [disk({ frontend: 'nbd' })],
        steps: [
          { qmp: 'block-export-del', args: { id: 'export-src' }, expect: 'ok' },
          { qmp: 'nbd-server-stop', expect: 'ok' },
        ],
      },
    ],
    [
      'less than there was: a throttle group',
      {
        disks: [disk({ layers: [{ throttle: { iops: 1000 } }] })],
        steps: [
          ...['src', 'src-throttle'].map(
            (node): Step => ({ qmp: 'blockdev-del', args: { 'node-name': node }, expect: 'ok' }),
          ),
          { qmp: 'object-del', args: { id: 'throttle-src' }, expect: 'ok' },
        ],
      },
    ],
  ];

  test.each(untidy)(
    'a sequence that leaves %s behind is cleaned up after, and runs again in the same session',
    async (_what, part) => {
      const first = await qemu.run(part);
      const startedBefore = qemu.sessions().started();
      const second = await qemu.run(part);
      expect([first.rules, second.rules]).toEqual([[], []]);
      expect([first.pristine, second.pristine]).toEqual([true, true]);
      expect(qemu.sessions().started()).toBe(startedBefore);
    },
  );

  // Without a medium it has no node that would show.
  test.runIf(driven.flavour === 'system').each(['if=none,id=own,driver=null-co', 'if=none,id=own'])(
    'a drive that HMP has added is removed, too: %s',
    async (options) => {
      const part: Part = {
        steps: [
          {
            qmp: 'human-monitor-command',
            args: { 'command-line': `drive_add 0 ${options}` },
            expect: { return: 'OK\r\n' },
          },
        ],
      };
      for (const ran of [await qemu.run(part), await qemu.run(part)]) {
        expect(ran.rules).toEqual([]);
        expect(seen(ran, 'leftover')).toEqual([]);
        expect(ran.pristine).toBe(true);
      }
    },
  );
});
