import type { RawPiece } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';

/** Input that is JSON and no command, an envelope with the wrong things in it, or another protocol's greeting. */
export function strangeInput(draw: Draw, commands: readonly [string, ...string[]]): RawPiece[] {
  switch (draw.int(0, 4)) {
    case 0:
      return [`${draw.oneOf(bareValues)}\n`];
    case 1:
      return [`${draw.oneOf(envelopes)}\n`];
    case 2:
      return [`{"execute": "query-version", "id": ${draw.oneOf(ids)}}\n`];
    case 3:
      return [{ base64: draw.oneOf(openings) }, draw.oneOf(commands)];
    default:
      return [draw.oneOf(foreignSpeech)];
  }
}

const bareValues: readonly [string, ...string[]] = [
  '5',
  ...[
    '-1',
    '1.5',
    'true',
    'null',
    '"text"',
    "'text'",
    '[]',
    '[1, 2]',
    '{}',
    '[{}]',
    '""',
    '[[[]]]',
    '1 2 3',
    '{} {}',
  ],
];

const envelopes: readonly [string, ...string[]] = [
  '{"id": "raw"}',
  '{"arguments": {}, "id": "raw"}',
  '{"execute": null, "id": "raw"}',
  '{"execute": ["query-jobs"], "id": "raw"}',
  '{"execute": {"query-jobs": {}}, "id": "raw"}',
  '{"execute": "query-jobs", "execute": "query-jobs", "id": "raw"}',
  '{"execute": "query-jobs", "exec-oob": "query-jobs", "id": "raw"}',
  '{"exec-oob": "query-jobs", "id": "raw"}',
  '{"exec-oob": null, "id": "raw"}',
  '{"exec-oob": "query-jobs"}',
  '{"execute": "query-jobs", "arguments": null, "id": "raw"}',
  '{"execute": "query-jobs", "arguments": [], "id": "raw"}',
  '{"execute": "query-jobs", "arguments": "", "id": "raw"}',
  '{"execute": "query-jobs", "control": {"run-oob": true}, "id": "raw"}',
  '{"execute": "query-jobs", "extra": 1, "id": "raw"}',
  '{"Execute": "query-jobs", "id": "raw"}',
  '{"execute ": "query-jobs", "id": "raw"}',
  '{"": "query-jobs", "id": "raw"}',
  '{"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}, "id": "raw"}',
  '{"return": {}, "id": "raw"}',
  '{"event": "JOB_STATUS_CHANGE", "data": {"id": "raw", "status": "null"}}',
  '{"QMP": {"version": {}, "capabilities": []}}',
];

/** Ids of every kind come back, with numbers in QEMU's own spelling. */
const ids: readonly [string, ...string[]] = [
  'null',
  ...['true', 'false', '0.5', '-0', '1.0', '1e3', '1e400', '-9223372036854775809', '18446744073709551615'],
  ...['123456789012345678901234567890', '""', '"\\u0000"', '"é"', '"\\ud83d\\ude00"', "'raw'", '[]', '{}'],
  ...['[1, [2, {"a": null}]]', '{"id": "raw"}', '{"": ""}', '"%s"', '"a\\nb"'],
];

/** A BOM, NUL, 0xFF once and twice, a form feed, an overlong blank: before a command that is in order. */
const openings: readonly [string, ...string[]] = ['77u/', 'AA==', '/w==', '//8=', 'DA==', 'wKA=', '/v8='];

const foreignSpeech: readonly [string, ...string[]] = [
  'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'info block\n',
  'help\r\n',
  '\u0004',
  '\u001b[A\u001b[B\t\t',
  '<?xml version="1.0"?><execute>query-jobs</execute>\n',
  '---\nexecute: query-jobs\n',
  'NBDMAGICIHAVEOPT',
];
