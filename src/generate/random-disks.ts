import type { Disk } from '../sequence/arena.ts';
import type { Draw } from './draw.ts';

/** A source, perhaps on a backing disk, and two targets of its size; now and then one of them fails. */
export function randomDisks(draw: Draw): Disk[] {
  const sizeBytes = draw.oneOf([2 ** 20, 2 ** 20, 4 * 2 ** 20, 2 ** 20 + 512, 65_536, 0, 16 * 2 ** 20]);
  const format = () => draw.oneOf(['qcow2', 'qcow2', 'raw'] as const);
  const chain = draw.chance(0.4);
  const guest = draw.oneOf(['none', 'nbd', 'nbd'] as const);
  const layers = draw.chance(0.25)
    ? {
        layers: [
          {
            blkdebug: [
              {
                event: draw.oneOf(['read_aio', 'write_aio', 'pwritev', 'flush_to_disk'] as const),
                errno: draw.oneOf(['EIO', 'ENOSPC'] as const),
                once: draw.chance(0.5),
              },
            ],
          },
        ],
      }
    : {};
  const debugged = draw.oneOf(['src', 'dst'] as const);
  return [
    ...(chain ? [{ name: 'base', format: 'qcow2' as const, sizeBytes, fill: 'seeded' as const }] : []),
    {
      name: 'src',
      format: chain ? 'qcow2' : format(),
      sizeBytes,
      fill: 'seeded',
      ...(chain ? { backing: 'base' } : {}),
      frontend: guest,
      ...(guest === 'nbd' && draw.chance(0.2) ? { iothread: 'io0' } : {}),
      ...(debugged === 'src' ? layers : {}),
    },
    { name: 'dst', format: format(), sizeBytes, fill: 'empty', ...(debugged === 'dst' ? layers : {}) },
    { name: 'dst2', format: format(), sizeBytes, fill: 'empty' },
  ];
}
