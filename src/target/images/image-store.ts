import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import { copyTemplate, type ImageSpec, makeTemplate, type Template } from './image-template.ts';

export type { ImageSpec } from './image-template.ts';

/** Image files by the hundred a second: each distinct image is made once, then copies of it are written. */
export type ImageStore = {
  /** Writes `<name>.<format>` into the directory, in place of what has that name. EnvironmentError: the file system is full. */
  place(spec: ImageSpec, intoDir: string): { path: string };
};

/** `dir`: an absolute path, this store's own. */
export function openImageStore({ dir }: { dir: string }): ImageStore {
  const templates = new Map<string, Template>(); // the least recently used first
  let templatesMade = 0;

  return {
    place(spec, intoDir) {
      const key = templateKey(spec);
      const template = templates.get(key) ?? makeTemplate(spec, join(dir, `template${++templatesMade}`));
      templates.delete(key);
      templates.set(key, template);
      const path = join(intoDir, `${spec.name}.${spec.format}`);
      copyTemplate(template, path);
      dropOldest(templates);
      return { path };
    },
  };
}

/** All that decides the file's bytes; the name does not. */
function templateKey({
  format,
  sizeBytes,
  clusterBytes,
  fill,
  bootable,
  seedText,
  backing,
  zeroes = [],
  qcow2 = {},
}: ImageSpec): string {
  const seed = fill === 'empty' ? '' : seedText;
  return JSON.stringify([
    format,
    sizeBytes,
    clusterBytes ?? null,
    fill,
    bootable === true,
    seed,
    backing?.file,
    backing?.format,
    zeroes,
    qcow2,
  ]);
}

/** The newest stays, however large it is. */
function dropOldest(templates: Map<string, Template>): void {
  let heldBytes = 0;
  for (const template of templates.values()) heldBytes += template.heldBytes;
  for (const [key, template] of templates) {
    const fits = heldBytes <= limits.templatesBytesMax && templates.size <= limits.templatesMax;
    if (fits || templates.size === 1) return;
    if (template.kept === 'file') rmSync(template.file, { force: true });
    templates.delete(key);
    heldBytes -= template.heldBytes;
  }
}
