import type { RawPiece } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { rawLimits } from './limits.ts';

/** Too long, too deep, too many: within what the monitor reads in seconds. */
export function oversized(draw: Draw): RawPiece[] {
  const { longestBytes, longestShare } = rawLimits;
  const times = draw.int(1, draw.chance(longestShare) ? longestBytes : longestBytes / 10);
  // 1024 levels is where QEMU's parser ends; each one more is an error of its own before 11.1.
  const levels = draw.oneOf([1_020, 1_022, 1_023, 1_024, 1_025, 1_100]);
  const many = Math.floor(times / 10);
  return draw.oneOf<RawPiece[]>([
    ['{"execute": "', { repeat: 'x', times }, '"}\n'],
    ['{"execute": "query-jobs", "id": "', { repeat: 'é', times: Math.floor(times / 2) }, '"}\n'],
    ['{"execute": "query-jobs", "', { repeat: 'k', times }, '": 1}\n'],
    ['{"execute": "query-jobs", "id": ', { repeat: '7', times }, '}\n'],
    ['{"execute": "query-jobs"', { repeat: ' ', times }, '}\n'],
    [{ repeat: '\n', times }],
    [{ repeat: '{}', times: Math.floor(many / 10) }],
    ['{"execute": "job-cancel", "arguments": {"id": "', { repeat: 'x', times }, '"}}\n'],
    ['{"execute": "query-version", "id": [', { repeat: '0,', times: many }, '0]}\n'],
    ['{"execute": "query-version", "id": ', ...nested('[', ']', levels), '}\n'],
    [
      '{"execute": "query-version", "id": ',
      { repeat: '{"a":', times: levels },
      '0',
      { repeat: '}', times: levels },
      '}\n',
    ],
    nested('[', ']', levels),
    [{ repeat: '[', times: levels }],
    ['{"execute": "', { repeat: '\\u0041', times: many }, '"}\n'],
  ]);
}

const nested = (open: string, close: string, times: number): RawPiece[] => [
  { repeat: open, times },
  { repeat: close, times },
];
