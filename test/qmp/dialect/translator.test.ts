import { describe, expect, test } from 'vitest';
import { between, done, event, exchange } from './between.ts';

const device = 'drive-virtio-disk0';

describe('RHEL 6.3', () => {
  test('__com.redhat_drive-mirror is drive-mirror; full false is sync top, and the job has the name of its device', () => {
    const rhel6 = between('rhel6');
    const args = { device, target: '/sn1', format: 'qcow2', mode: 'absolute-paths' };
    const command = { execute: '__com.redhat_drive-mirror', arguments: { ...args, full: false }, id: 7 };
    expect(exchange(rhel6, command, done)).toEqual([
      { execute: 'drive-mirror', arguments: { 'job-id': device, ...args, sync: 'top' } },
    ]);
    expect(rhel6.heard()).toEqual([{ return: {}, id: 7 }]);
  });

  test('full true is sync full, and speed goes along', () => {
    const command = {
      execute: '__com.redhat_drive-mirror',
      arguments: { device, target: 't', full: true, speed: 1 },
    };
    expect(exchange(between('rhel6'), command, done)[0]).toMatchObject({
      arguments: { sync: 'full', speed: 1 },
    });
  });

  test('block_job_set_speed is block-job-set-speed, and value is speed', () => {
    const command = { execute: 'block_job_set_speed', arguments: { device, value: 1024 } };
    expect(exchange(between('rhel6'), command, done)).toEqual([
      { execute: 'block-job-set-speed', arguments: { device, speed: 1024 } },
    ]);
  });

  test('a number keeps its digits', () => {
    const rhel6 = between('rhel6');
    rhel6.says(`{"execute":"block_job_set_speed","arguments":{"device":"d","value":9223372036854775807}}`);
    expect(rhel6.atQemu()).toContain('"speed":9223372036854775807}');
  });

  test.each([
    [
      { execute: 'block_job_set_speed', arguments: { device } },
      'MissingParameter',
      "Parameter 'value' is missing",
    ],
    [
      { execute: 'block_job_set_speed', arguments: { device, value: 1, speed: 1 } },
      'InvalidParameter',
      "Invalid parameter 'speed'",
    ],
    [
      { execute: '__com.redhat_drive-mirror', arguments: { device, target: 't', full: 'yes' } },
      'InvalidParameterType',
      "Invalid parameter type for 'full', expected: bool",
    ],
    [
      { execute: '__com.redhat_drive-reopen', arguments: { device, 'new-image-file': 'x', witness: 'fd1' } },
      'FdNotFound',
      "File descriptor named 'fd1' not found",
    ],
    [
      { execute: 'transaction', arguments: { actions: [{ type: 'drive-mirror', data: {} }] } },
      'InvalidParameter',
      "Invalid parameter 'drive-mirror'",
    ],
    [
      { execute: 'block-job-cancel', arguments: { device, force: true } },
      'InvalidParameter',
      "Invalid parameter 'force'",
    ],
    [
      { execute: 'job-pause', arguments: { id: 'j' } },
      'CommandNotFound',
      'The command job-pause has not been found',
    ],
    [{ execute: 'query-qmp-schema' }, 'CommandNotFound', 'The command query-qmp-schema has not been found'],
    [{ execute: 'drive-mirror' }, 'CommandNotFound', 'The command drive-mirror has not been found'],
  ])('%j is refused with %s', (command, errorClass, desc) => {
    const rhel6 = between('rhel6');
    expect(exchange(rhel6, { ...command, id: 'x' }, done)).toEqual([{ execute: 'query-version' }]);
    expect(rhel6.heard()).toMatchObject([{ error: { class: errorClass, desc }, id: 'x' }]);
  });

  test('before capabilities are negotiated, it is QEMU that refuses', () => {
    const rhel6 = between('rhel6');
    const error = { class: 'CommandNotFound', desc: 'Expecting capabilities negotiation' };
    exchange(rhel6, { execute: 'job-pause' }, { error });
    expect(rhel6.heard()).toEqual([{ error }]);
  });

  test('a mirror that is the only action of a transaction is started', () => {
    const actions = [{ type: '__com.redhat_drive-mirror', data: { device, target: 't' } }];
    expect(exchange(between('rhel6'), { execute: 'transaction', arguments: { actions } }, done)).toEqual([
      { execute: 'drive-mirror', arguments: { 'job-id': device, device, target: 't', sync: 'top' } },
    ]);
  });

  test('a mirror beside a snapshot is refused, and neither is done', () => {
    const rhel6 = between('rhel6');
    const actions = [{ type: 'blockdev-snapshot-sync' }, { type: '__com.redhat_drive-mirror' }];
    const asked = exchange(rhel6, { execute: 'transaction', arguments: { actions } }, done);
    expect(asked).toEqual([{ execute: 'query-version' }]);
    expect(rhel6.heard()).toMatchObject([{ error: { class: 'GenericError' } }]);
  });

  test('query-block-jobs shows what it showed then', () => {
    const rhel6 = between('rhel6');
    const old = { device, len: 10, offset: 5, speed: 0, type: 'mirror' };
    exchange(
      rhel6,
      { execute: 'query-block-jobs' },
      { return: [{ ...old, status: 'running', ready: false, 'auto-finalize': true, busy: true }] },
    );
    expect(rhel6.heard()).toEqual([{ return: [old] }]);
  });

  test('query-commands names the commands of that time, and none that came later', () => {
    const rhel6 = between('rhel6');
    const names = ['quit', 'job-pause', 'drive-mirror', 'block-stream'].map((name) => ({ name }));
    exchange(rhel6, { execute: 'query-commands' }, { return: names });
    expect(rhel6.heard()[0]?.return).toEqual(
      [
        'quit',
        'block-stream',
        '__com.redhat_drive-mirror',
        '__com.redhat_drive-reopen',
        'block_job_set_speed',
      ].map((name) => ({ name })),
    );
  });
});

describe('__com.redhat_drive-reopen', () => {
  const mirror = { execute: '__com.redhat_drive-mirror', arguments: { device, target: '/sn3' } };
  const reopen = (file: string) => ({
    execute: '__com.redhat_drive-reopen',
    arguments: { device, 'new-image-file': file, format: 'qcow2' },
    id: 'r',
  });
  const completed = event('BLOCK_JOB_COMPLETED', { device, len: 1, offset: 1, speed: 0, type: 'mirror' });
  const cancelled = event('BLOCK_JOB_CANCELLED', { device, len: 1, offset: 0, speed: 0, type: 'mirror' });

  function mirroring(ready: boolean) {
    const rhel6 = between('rhel6');
    exchange(rhel6, mirror, done);
    if (ready) rhel6.qemuSays(event('BLOCK_JOB_READY', { device }));
    rhel6.heard();
    return rhel6;
  }

  test("onto the mirror's target is block-job-complete, answered after BLOCK_JOB_COMPLETED", () => {
    const rhel6 = mirroring(true);
    expect(exchange(rhel6, reopen('/sn3'), done)).toEqual([
      { execute: 'block-job-complete', arguments: { device } },
    ]);
    expect(rhel6.heard()).toEqual([]);
    rhel6.qemuSays(completed);
    expect(rhel6.heard()).toEqual([completed, { return: {}, id: 'r' }]);
  });

  test('is answered once, also where the event comes before the answer to block-job-complete', () => {
    const rhel6 = mirroring(true);
    rhel6.says(JSON.stringify(reopen('/sn3')));
    const [{ id } = {}] = rhel6.asked();
    rhel6.qemuSays(completed);
    expect(rhel6.heard()).toEqual([completed]);
    rhel6.qemuSays({ return: {}, id });
    expect(rhel6.heard()).toEqual([{ return: {}, id: 'r' }]);
  });

  test('holds back what comes after it until it is answered', () => {
    const rhel6 = mirroring(true);
    exchange(rhel6, reopen('/sn3'), done);
    rhel6.says('{"execute":"query-status"}\n');
    expect(rhel6.atQemu()).toBe('');
    rhel6.qemuSays(completed);
    expect(rhel6.atQemu()).toBe('{"execute":"query-status"}\n');
  });

  test('before steady state cancels the job, and is refused with DeviceInUse', () => {
    const rhel6 = mirroring(false);
    expect(exchange(rhel6, reopen('/sn3'), done)).toEqual([
      { execute: 'block-job-cancel', arguments: { device } },
    ]);
    rhel6.qemuSays(cancelled);
    expect(rhel6.heard()).toEqual([
      cancelled,
      {
        error: { class: 'DeviceInUse', desc: `Device '${device}' is in use`, data: { device } },
        id: 'r',
      },
    ]);
  });

  test('of a mirror that fails is refused with DeviceInUse', () => {
    const rhel6 = mirroring(true);
    exchange(rhel6, reopen('/sn3'), done);
    rhel6.qemuSays(event('BLOCK_JOB_COMPLETED', { device, error: 'Input/output error' }));
    expect(rhel6.heard()).toMatchObject([{}, { error: { class: 'DeviceInUse' } }]);
  });

  test('onto the image that the device is on ends the job softly, and switches nothing', () => {
    const rhel6 = mirroring(true);
    expect(exchange(rhel6, reopen('/sn2'), done)[0]?.execute).toBe('block-job-cancel');
    rhel6.qemuSays(completed);
    const [{ id, ...asked } = {}] = rhel6.asked();
    expect(asked).toEqual({ execute: 'query-block' });
    rhel6.qemuSays({ return: [{ device, inserted: { file: '/sn2' } }], id });
    expect(rhel6.atQemu()).toBe('');
    expect(rhel6.heard()).toEqual([completed, { return: {}, id: 'r' }]);
  });

  test('onto any other image is blockdev-change-medium, whose refusal is passed on', () => {
    const rhel6 = between('rhel6');
    const error = { class: 'GenericError', desc: `Device '${device}' is not removable` };
    const asked = exchange(
      rhel6,
      reopen('/else'),
      { return: [{ device, inserted: { file: '/sn2' } }] },
      { error },
    );
    expect(asked).toEqual([
      { execute: 'query-block' },
      { execute: 'blockdev-change-medium', arguments: { device, filename: '/else', format: 'qcow2' } },
    ]);
    expect(rhel6.heard()).toEqual([{ error, id: 'r' }]);
  });

  test('of a device there is not is DeviceNotFound', () => {
    const rhel6 = between('rhel6');
    exchange(rhel6, reopen('/x'), { return: [] });
    expect(rhel6.heard()).toMatchObject([{ error: { class: 'DeviceNotFound' } }]);
  });

  test('passes on what QEMU says to block-job-complete', () => {
    const rhel6 = mirroring(true);
    const error = { class: 'GenericError', desc: 'no' };
    exchange(rhel6, reopen('/sn3'), { error });
    expect(rhel6.heard()).toEqual([{ error, id: 'r' }]);
  });
});

describe('RHEL 7', () => {
  test('drive-mirror is today’s, with a job that is named after its device', () => {
    const args = { device, target: '/m', sync: 'full', granularity: 65536, 'buf-size': 65536 };
    expect(exchange(between('rhel7'), { execute: 'drive-mirror', arguments: args }, done)).toEqual([
      { execute: 'drive-mirror', arguments: { 'job-id': device, ...args } },
    ]);
  });

  test.each([
    { execute: 'drive-mirror', arguments: { device, target: 't', sync: 'full', 'job-id': 'j' } },
    { execute: 'block-stream', arguments: { device, 'auto-dismiss': false } },
  ])('%j is refused with GenericError: that member came later', (command) => {
    const rhel7 = between('rhel7');
    exchange(rhel7, command, done);
    expect(rhel7.heard()).toMatchObject([{ error: { class: 'GenericError' } }]);
  });

  test('block-job-complete goes to QEMU as it is', () => {
    const rhel7 = between('rhel7');
    const text = '{ "execute": "block-job-complete", "arguments": { "device": "d"} }\n';
    rhel7.says(text);
    expect(rhel7.atQemu()).toBe(text);
  });

  test('query-block-jobs shows what QEMU 1.5.3 showed', () => {
    const rhel7 = between('rhel7');
    const old = {
      'io-status': 'ok',
      device,
      busy: true,
      len: 2,
      offset: 1,
      paused: false,
      speed: 1,
      type: 'mirror',
    };
    exchange(rhel7, { execute: 'query-block-jobs' }, { return: [{ ...old, ready: true, status: 'ready' }] });
    expect(rhel7.heard()).toEqual([{ return: [old] }]);
  });
});

describe.each(['rhel6', 'rhel7'] as const)('either dialect (%s)', (dialect) => {
  test('JOB_STATUS_CHANGE is hidden from the client, and told apart', () => {
    const both = between(dialect);
    both.qemuSays(event('JOB_STATUS_CHANGE', { id: 'd', status: 'ready' }));
    expect(both.atClient()).toBe('');
    expect(both.hidden).toEqual(['JOB_STATUS_CHANGE']);
  });

  test.each(['BLOCK_JOB_READY', 'BLOCK_JOB_CANCELLED', 'SHUTDOWN'])(
    '%s comes through, byte for byte',
    (name) => {
      const both = between(dialect);
      const line = `{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "${name}", "data": {"device": "d"}}\r\n`;
      both.translator.fromQemu(Buffer.from(line.slice(0, 30)));
      both.translator.fromQemu(Buffer.from(line.slice(30)));
      expect(both.atClient()).toBe(line);
    },
  );

  test('the greeting offers no capability', () => {
    const both = between(dialect);
    const QMP = { version: { qemu: { major: 10 } }, capabilities: ['oob'] };
    both.qemuSays({ QMP });
    expect(both.heard()).toEqual([{ QMP: { ...QMP, capabilities: [] } }]);
  });

  test('single quotes are quotes, and a command needs no newline', () => {
    const both = between(dialect);
    both.says("{ 'execute' : 'query-jobs', 'id': 'it\\'s \"1\"' }");
    expect(both.asked()).toMatchObject([{ execute: 'query-version' }]);
    both.qemuSays({ return: {}, id: 'dialect-1' });
    expect(both.heard()).toMatchObject([{ error: { class: 'CommandNotFound' }, id: 'it\'s "1"' }]);
  });

  test('several commands in one packet are told apart', () => {
    const both = between(dialect);
    both.says('{"execute":"query-status"}{"execute":"quit"}\n');
    expect(both.atQemu()).toBe('{"execute":"query-status"}{"execute":"quit"}\n');
  });

  test.each(['{"execute": 5}\n', '[1, 2]\n', 'nonsense\n', '{"execute":"job-pause","x":1}\n', ']}\n'])(
    'what is no command goes to QEMU as it is: %j',
    (text) => {
      const both = between(dialect);
      both.says(text);
      expect(both.atQemu()).toBe(text);
    },
  );

  test('0xFF ends a string that was left open, and the next command is read', () => {
    const both = between(dialect);
    both.says('{"execute": "qu');
    expect(both.atQemu()).toBe('');
    both.translator.fromClient(Buffer.of(0xff));
    both.atQemu();
    both.says('{"execute":"query-jobs"}\n');
    expect(both.asked()).toMatchObject([{ execute: 'query-version' }]);
  });

  test('once bypassed, commands are QEMU’s own', () => {
    const both = between(dialect);
    both.translator.bypass();
    both.says('{"execute":"query-jobs"}\n');
    expect(both.atQemu()).toBe('{"execute":"query-jobs"}\n');
  });

  test('an unfinished line goes on as it is when QEMU has closed', () => {
    const both = between(dialect);
    both.translator.fromQemu(Buffer.from('{"retu'));
    both.translator.endOfQemu();
    expect(both.atClient()).toBe('{"retu');
  });
});
