import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './binary.ts';
import { copyTemplate, type ImageSpec, makeTemplate, type Template } from './image-template.ts';
import { limits } from './limits.ts';

export type { ImageSpec } from './image-template.ts';

/**
 * Image files by the hundred a second: qemu-img makes each distinct image once, then copies of it are written.
 * All of a sequence's disks are prepared, then all are placed.
 */
export type ImageStore = {
  /** Makes the template where missing. EnvironmentError: qemu-img failed or the file system is full. */
  prepare(spec: ImageSpec): Promise<void>;
  /** Writes `<name>.<format>` into the directory, in place of what has that name. EnvironmentError: the file system is full. */
  place(spec: ImageSpec, intoDir: string): { path: string };
};

/** `unplaced`: how often it was prepared and not placed since; such a template must not be dropped. */
type Entry = { unplaced: number; made: Promise<Template>; template?: Template };

/** A store belongs to one qemu-img: another version writes other headers. `dir`: an absolute path, this store's own. */
export function openImageStore({ dir, img }: { dir: string; img: Program }): ImageStore {
  const entries = new Map<string, Entry>(); // the least recently used first
  let templatesMade = 0;

  return {
    async prepare(spec) {
      const key = templateKey(spec);
      const entry = entries.get(key) ?? {
        unplaced: 0,
        made: makeTemplate(spec, img, join(dir, `template${++templatesMade}`)),
      };
      moveToEnd(entries, key, entry);
      entry.unplaced++;
      try {
        entry.template = await entry.made;
      } catch (error) {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
      dropOldest(entries);
    },

    place(spec, intoDir) {
      const key = templateKey(spec);
      const entry = entries.get(key);
      if (!entry?.template) throw new Error(`disk ${spec.name} is placed without being prepared`);
      moveToEnd(entries, key, entry);
      entry.unplaced = Math.max(0, entry.unplaced - 1);
      const path = join(intoDir, `${spec.name}.${spec.format}`);
      copyTemplate(entry.template, path);
      return { path };
    },
  };
}

/** All that decides the file's bytes; the name does not. */
function templateKey({ format, sizeBytes, clusterBytes, fill, seedText, backing }: ImageSpec): string {
  const seed = fill === 'empty' ? '' : seedText;
  return JSON.stringify([
    format,
    sizeBytes,
    clusterBytes ?? null,
    fill,
    seed,
    backing?.file,
    backing?.format,
  ]);
}

function dropOldest(entries: Map<string, Entry>): void {
  let heldBytes = 0;
  for (const { template } of entries.values()) heldBytes += template?.heldBytes ?? 0;
  for (const [key, { template, unplaced }] of entries) {
    if (heldBytes <= limits.templatesBytesMax && entries.size <= limits.templatesMax) return;
    if (!template || unplaced > 0) continue;
    if (template.kept === 'file') rmSync(template.file, { force: true });
    entries.delete(key);
    heldBytes -= template.heldBytes;
  }
}

function moveToEnd(entries: Map<string, Entry>, key: string, entry: Entry): void {
  entries.delete(key);
  entries.set(key, entry);
}
