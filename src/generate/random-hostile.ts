import type { Json, Step } from '../sequence/step.ts';
import type { Draw } from './draw.ts';

/** A step that QEMU must refuse, or bytes that it must survive. */
export function hostileStep(draw: Draw): Step {
  if (draw.chance(0.3)) return { raw: draw.oneOf(damagedBytes) };
  const command = draw.oneOf(commands);
  const [name, args] = command;
  const broken: Record<string, Json> = { ...args };
  const keys = Object.keys(args);
  const key = draw.oneOf(keys as [string, ...string[]]);
  switch (draw.int(0, 4)) {
    case 0:
      delete broken[key];
      break;
    case 1:
      broken[key] = draw.oneOf(oddValues);
      break;
    case 2:
      broken.unexpected = 1;
      break;
    case 3:
      broken[key] = 'no-such-thing';
      break;
    default:
      return {
        qmp: draw.oneOf(['no-such-command', 'drive_mirror', '__com.redhat_drive-mirror', '']),
        args: broken,
      };
  }
  return { qmp: name, args: broken };
}

const commands: [[string, Record<string, Json>], ...[string, Record<string, Json>][]] = [
  [
    'blockdev-mirror',
    { 'job-id': 'h0', device: 'src', target: 'dst', sync: 'full', granularity: 65_536, 'buf-size': 0 },
  ],
  [
    'drive-mirror',
    {
      'job-id': 'h0',
      device: 'src',
      target: { newFile: 'h' },
      sync: 'full',
      format: 'qcow2',
      mode: 'absolute-paths',
    },
  ],
  ['block-stream', { 'job-id': 'h1', device: 'src', speed: 0 }],
  ['block-commit', { 'job-id': 'h1', device: 'src' }],
  ['blockdev-backup', { 'job-id': 'h2', device: 'src', target: 'dst', sync: 'full' }],
  ['block-job-set-speed', { device: '#0', speed: 0 }],
  ['block-job-cancel', { device: '#0', force: true }],
  ['job-cancel', { id: '#0' }],
  ['job-pause', { id: '#0' }],
  ['job-complete', { id: '#0' }],
  ['blockdev-del', { 'node-name': 'src' }],
];

const oddValues: [Json, ...Json[]] = [
  null,
  true,
  -1,
  1.5,
  2 ** 31,
  2 ** 32,
  '',
  'x'.repeat(300),
  [],
  {},
  ['a'],
  { a: 1 },
  '\u0000',
  'é',
  { number: '9223372036854775807' },
  { number: '9223372036854775808' },
  { number: '-9223372036854775809' },
  { number: '1e400' },
];

const damagedBytes: [string, ...string[]] = [
  '{"execute": "query-jobs"',
  '{"execute": "query-jobs", "id": }\n',
  '}\n',
  ']\n',
  '{"execute": query-jobs}\n',
  '{"execute": "query-jobs" "id": 1}\n',
  '{"execute": "a\u0000b"}\n',
  'hello\n',
  '[1,2]',
  '{"execute": 5}',
  '{"id": "raw"}',
  '{"execute": "query-jobs", "arguments": null}',
  '{"execute": "query-jobs", "foo": 1, "id": "raw"}',
  '{"execute": "query-version", "id": "raw"}{"execute": "query-jobs", "id": "raw2"}',
  '[[[[[[[[[[[[[[[[[[[[',
  '"',
];
