import type { NodeImage } from '../../model/graph/graph.ts';
import { asReference } from '../../sequence/reference.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';

/** The image files that a sequence makes, by base name: those of the arena, and those that steps ask for. */
export function imagesOf({ arena, steps }: Sequence): Map<string, NodeImage> {
  const images = new Map<string, NodeImage>();
  for (const { name, format, sizeBytes, backing } of arena.disks)
    images.set(`${name}.${format}`, {
      format,
      sizeBytes: wholeSectors(sizeBytes),
      backed: backing !== undefined,
    });
  for (const step of steps) if ('qmp' in step) visit(step.args ?? {});
  return images;

  function visit(value: Json): void {
    const reference = asReference(value);
    if (reference?.kind === 'newDisk') {
      const { disk, sizeBytes } = reference;
      for (const format of ['raw', 'qcow2'] as const) {
        const name = `${disk}.${format}`;
        const backed = reference.backing !== undefined || images.get(name)?.backed === true;
        const size = images.has(name) || sizeBytes === undefined ? undefined : wholeSectors(sizeBytes);
        images.set(name, { format, sizeBytes: size, backed });
      }
    } else if (!reference && value !== null && typeof value === 'object') {
      for (const inner of Object.values(value)) visit(inner);
    }
  }
}

/** QEMU counts in sectors of 512 bytes. */
const wholeSectors = (bytes: number): number => Math.ceil(bytes / 512) * 512;
