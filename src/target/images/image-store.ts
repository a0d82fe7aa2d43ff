import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import { allocate } from './allocate.ts';
import { copyTemplate, type ImageSpec, makeTemplate, type Template } from './image-template.ts';

export type { ImageSpec } from './image-template.ts';

/** Image files by the hundred a second: each distinct image is made once, then copies of it are written. */
export type ImageStore = {
  /** Writes `<name>.<format>` into the directory, and `<name>.data` where it has one, in place of what has that name. EnvironmentError: the file system is full. */
  place(spec: ImageSpec, intoDir: string): { path: string };
};

/** `dir`: an absolute path, this store's own. */
export function openImageStore({ dir }: { dir: string }): ImageStore {
  const templates = new Map<string, Template>(); // the least recently used first
  let templatesMade = 0;

  return {
    place(spec, intoDir) {
      const path = join(intoDir, `${spec.name}.${spec.format}`);
      put(spec, path);
      if (spec.qcow2?.dataFile) put(dataFileOf(spec), join(intoDir, `${spec.name}.data`));
      return { path };
    },
  };

  function put(spec: ImageSpec, path: string): void {
    const key = templateKey(spec);
    const template = templates.get(key) ?? makeTemplate(spec, join(dir, `template${++templatesMade}`));
    templates.delete(key);
    templates.set(key, template);
    copyTemplate(template, path);
    if (spec.qcow2?.preallocation === 'falloc') allocate(path, template.lengthBytes);
    dropOldest(templates);
  }
}

/** A cluster of a data file lies where the guest sees it: the file is a raw image of what the disk has. */
function dataFileOf({ name, sizeBytes, fill, bootable, seedText }: ImageSpec): ImageSpec {
  return { name, format: 'raw', sizeBytes, fill, seedText, ...(bootable ? { bootable } : {}) };
}

/** All that decides the file's bytes; the name does not, unless the file says where its data lies. */
function templateKey({
  name,
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
    qcow2.dataFile ? name : null,
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
