import { expect, test } from 'vitest';
import { onOneQemu } from '../real/qemus.ts';
import { argsOf, driving, replyTo, seen } from './driving.ts';
import { cancel, disk, mirror, untilGone, untilReady } from './sequences.ts';

onOneQemu((driven) => {
  const qemu = driving(driven);

  test('#0 is the first job that is still known, #1 the second', async () => {
    const pair = (id: string, target: string) =>
      mirror({ expect: 'ok' }, { 'job-id': id, device: { disk: id }, target: { newDisk: target } });
    const ran = await qemu.run({
      disks: [disk({ name: 'a' }), disk({ name: 'b' })],
      steps: [
        pair('a', 'dstA'),
        pair('b', 'dstB'),
        { qmp: 'job-pause', args: { id: '#1' }, expect: 'ok' },
        { qmp: 'block-job-cancel', args: { device: '#0', force: true }, expect: 'ok' },
        { await: 'gone', job: 'a', expect: 'met' },
        { qmp: 'job-resume', args: { id: '#0' }, expect: 'ok' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect([2, 3, 5].map((step) => argsOf(ran, step))).toEqual([
      { id: 'b' },
      { device: 'a', force: true },
      { id: 'b' },
    ]);
  });

  test('#0 is sent as it stands where there is no job, and QEMU knows none of that name', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        { qmp: 'job-pause', args: { id: '#0' } },
        mirror(),
        untilReady,
        cancel,
        untilGone,
        { qmp: 'block-job-cancel', args: { device: '#0' }, expect: { class: 'DeviceNotActive' } },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(argsOf(ran, 0)).toEqual({ id: '#0' });
    expect(replyTo(ran, 0)?.error).toBeDefined();
    expect(argsOf(ran, 5)).toEqual({ device: '#0' });
  });

  test('a literal is sent as it is, even one that looks like a reference', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        mirror(),
        { qmp: 'job-pause', args: { id: { literal: '#0' } }, expect: 'error' },
        {
          qmp: 'job-pause',
          args: { id: { literal: { disk: 'src' } } },
          expect: { class: 'GenericError', desc: 'id' },
        },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(argsOf(ran, 1)).toEqual({ id: '#0' });
    expect(argsOf(ran, 2)).toEqual({ id: { disk: 'src' } });
  });

  test('a number of 19 digits reaches QEMU digit by digit', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        mirror({ expect: 'ok' }, { speed: { number: '9223372036854775807' } }),
        { qmp: 'query-block-jobs' },
        {
          qmp: 'block-job-set-speed',
          args: { device: 'j0', speed: { number: '9223372036854775808' } },
          expect: 'error',
        },
      ],
    });
    expect(ran.rules).toEqual([]);
    // One more would be refused, and the number that a double makes of it is one more.
    expect(JSON.stringify(argsOf(ran, 0))).toContain('"speed":9223372036854775807,');
    expect(replyTo(ran, 2)?.error).toBeDefined();
  });

  test('disks, nodes and files go by the names that QEMU knows them under', async () => {
    const ran = await qemu.run({
      disks: [disk({ layers: [{ throttle: { iops: 1000 } }] })],
      steps: [
        {
          qmp: 'x',
          args: {
            disk: { disk: 'src' },
            node: { node: 'src' },
            layers: [
              { node: 'src', layer: 'file' },
              { node: 'src', layer: 'throttle' },
            ],
            path: { path: 'src' },
            newFile: { newFile: 'new.raw' },
          },
        },
        { qmp: 'query-named-block-nodes', args: { flat: true } },
      ],
    });
    const dir = /\/q\d+\/src\.qcow2$/;
    const args = argsOf(ran, 0);
    expect(args).toMatchObject({ disk: 'src', node: 'src', layers: ['src-file', 'src-throttle'] });
    expect(args?.path).toMatch(dir);
    expect(args?.newFile).toBe(String(args?.path).replace('src.qcow2', 'new.raw'));
    const nodes = replyTo(ran, 1)?.return as { 'node-name': string }[];
    expect(nodes.map((node) => node['node-name']).toSorted()).toEqual(['src', 'src-file', 'src-throttle']);
  });

  test('a new disk has the format and size of the command’s source unless it is told others', async () => {
    const ran = await qemu.run({
      disks: [disk({ sizeBytes: 3 * 2 ** 16 })],
      steps: [
        mirror({ expect: 'ok' }),
        untilReady,
        cancel,
        untilGone,
        mirror({}, { target: { newDisk: 'other', format: 'raw', sizeBytes: 2 ** 18 } }),
        { qmp: 'query-named-block-nodes', args: { flat: true } },
      ],
    });
    expect(ran.rules).toEqual([]);
    const nodes = replyTo(ran, 5)?.return as {
      'node-name': string;
      image: { format: string; 'virtual-size': number };
    }[];
    const facts = (name: string) => {
      const image = nodes.find((node) => node['node-name'] === name)?.image;
      return [image?.format, image?.['virtual-size']];
    };
    expect(facts('dst')).toEqual(['qcow2', 3 * 2 ** 16]);
    expect(facts('other')).toEqual(['raw', 2 ** 18]);
  });

  test('a new disk that a second step names again is opened once', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        mirror(),
        untilReady,
        cancel,
        untilGone,
        mirror({ expect: 'ok' }),
        untilReady,
        cancel,
        untilGone,
      ],
      after: [{ same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    const opened = seen(ran, 'command').filter(
      ({ name, args }) => name === 'blockdev-add' && args['node-name'] === 'dst',
    );
    expect(opened).toHaveLength(1);
  });
});
