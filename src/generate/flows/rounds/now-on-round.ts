import type { Step } from '../../../sequence/step.ts';
import type { Draw } from '../../draw.ts';
import { limits } from '../../limits.ts';
import type { Flow, Part } from '../flow.ts';
import { send } from '../flow.ts';
import { smallPair } from './bitmap-round.ts';

const job = 'j0';

/**
 * A mirror or a backup with sync=none beside a guest that writes here and there; then it is cancelled, and its target holds
 * what was written or overwritten meanwhile, and nothing else.
 */
export const nowOnRound: Flow = {
  name: 'now-on round',
  arena: smallPair,
  parts: (draw) => {
    const isMirror = draw.chance(0.6);
    return [
      guestWrites(draw),
      send(isMirror ? 'blockdev-mirror' : 'blockdev-backup', {
        'job-id': job,
        device: { disk: 'src' },
        target: { disk: 'dst' },
        sync: 'none',
        ...(isMirror ? draw.sometimes(0.3, { 'copy-mode': 'write-blocking' }) : {}),
        ...draw.sometimes(isMirror ? 0.3 : 0, { granularity: draw.oneOf([512, 65_536, 2 ** 18]) }),
      }),
      ...(isMirror ? [awaited('READY')] : []),
      ...Array.from({ length: draw.int(0, 2) }, () => guestWrites(draw)),
      send('query-block-jobs'),
      send('block-job-cancel', { device: job }),
      awaited('gone'),
      ...(draw.chance(0.5) ? [guestWrites(draw)] : []),
    ];
  },
};

const awaited =
  (what: 'READY' | 'gone'): Part =>
  (): Step[] => [{ await: what, job, deadlineMs: limits.finishMirrorDeadlineMs }];

const guestWrites = (draw: Draw): Part => {
  const guest = draw.oneOf(['write', 'write', 'zero', 'discard'] as const);
  const offsetBytes = draw.oneOf([0, 65_024, 2 ** 17, 2 ** 18 + 4096, 2 ** 20 - 512]);
  const lengthBytes = Math.min(draw.oneOf([512, 512, 4096, 65_536]), 2 ** 20 - offsetBytes);
  return (): Step[] => [{ guest, disk: 'src', offsetBytes, lengthBytes }];
};
