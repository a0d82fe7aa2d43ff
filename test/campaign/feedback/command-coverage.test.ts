import { expect, test } from 'vitest';
import { commandCoverage } from '../../../src/campaign/feedback/command-coverage.ts';
import { countDrawnValues } from '../../../src/campaign/feedback/drawn-values.ts';
import { possibleValues } from '../../../src/campaign/feedback/possible-values.ts';
import { binaryOf } from '../../generate/binaries.ts';

const { schema } = binaryOf('10.0');

test('what an argument can be is by its type: each value of an enum, numbers by size, texts by length', () => {
  const possible = possibleValues('block-job-cancel', schema).values;
  expect(possible).toEqual(
    expect.arrayContaining(['device=text', 'device=empty text', 'force=true', 'force=false']),
  );
  expect(possibleValues('blockdev-mirror', schema).values).toEqual(
    expect.arrayContaining(['sync=full', 'sync=no such value', 'speed=below 0', 'speed=2^63 and more']),
  );
});

test('what no campaign sends, since it reaches the host, does not count as missed', () => {
  const { values, leftOut } = possibleValues('blockdev-add', schema);
  expect(leftOut).toContain('driver=host_device');
  expect(values).toContain('driver=qcow2');
  expect(values.filter((value) => leftOut.includes(value))).toEqual([]);
  const row = commandCoverage({ triples: {}, values: {} }, [schema]).find(
    ({ command }) => command === 'blockdev-add',
  );
  expect(row?.never).toMatchObject({ values, leftOut });
});

test('what came is counted with how it was answered, and what never came is named', () => {
  const rows = commandCoverage(
    {
      triples: {
        'running block-job-cancel ok': 2,
        'none block-job-cancel DeviceNotActive': 1,
        'none nonsense ok': 1,
      },
      values: {
        'ok block-job-cancel force=true': 2,
        'refused block-job-cancel force=true': 1,
        'ok block-job-cancel device=text': 2,
      },
    },
    [schema],
  );
  const row = rows.find(({ command }) => command === 'block-job-cancel');
  expect(row?.outcomes).toEqual({ ok: 2, DeviceNotActive: 1 });
  expect(row?.values['force=true']).toEqual({ accepted: 2, refused: 1 });
  expect(row?.never.outcomes).toEqual(['GenericError']);
  expect(row?.never.values).toEqual(['device=empty text', 'device=long text', 'force=false']);
  expect(rows.map(({ command }) => command)).not.toContain('nonsense');
});

test('of drawn sequences references count as what they stand for', () => {
  const drawn = countDrawnValues();
  const arena = { disks: [] };
  const steps = [
    { qmp: 'block-job-set-speed', args: { device: '#0', speed: { number: '9223372036854775808' } } },
  ];
  drawn.add({ schema: 1, title: 'a', arena, steps }, binaryOf('10.0'));
  const row = drawn.result().find(({ command }) => command === 'block-job-set-speed');
  expect(row).toMatchObject({ times: 1, values: { 'speed=2^63 and more': 1 } });
  expect(row?.never).toContain('speed=below 0');
  expect(row?.never).not.toContain('speed=2^63 and more');
});
