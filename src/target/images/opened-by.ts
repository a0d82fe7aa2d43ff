import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { diskKey } from '../../sequence/disk-key.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { ImageFile } from './compare.ts';
import { qcow2Facts } from './qcow2-map.ts';

/**
 * The arguments by which qemu-img opens an image. Where the key of an image is cannot be said by its name, nor in the
 * header above it, so a chain with an encrypted image is given as options; so is one with a data file, which is looked for
 * where qemu-img was started. `alone`: without its backing file.
 */
export function openedBy({ path, format }: ImageFile, { alone = false } = {}): string[] {
  const secret = ['--object', `secret,id=${diskKey.id},data=${diskKey.data}`];
  const { options, isPlain, saysWhereTheKeyIs } = optionsOf({ path, format }, chainMax);
  const without = alone && format === 'qcow2' ? { backing: null } : {};
  if (!isPlain) return [...secret, `json:${JSON.stringify({ ...options, ...without })}`];
  return [...(saysWhereTheKeyIs ? secret : []), '-f', format, path];
}

/** `saysWhereTheKeyIs`: a header that QEMU has written may do so itself, be it the image's own or one below it. */
type Opening = { options: JsonObject; isPlain: boolean; saysWhereTheKeyIs?: boolean };

function optionsOf({ path, format }: ImageFile, depthMax: number): Opening {
  const options: JsonObject = { driver: format, file: { driver: 'file', filename: path } };
  if (format === 'luks') return { options: { ...options, 'key-secret': diskKey.id }, isPlain: false };
  const facts = format === 'qcow2' && existsSync(path) ? qcow2Facts(path) : undefined;
  if (!facts) return { options, isPlain: true };
  const { isEncrypted, dataFile, below } = facts;
  const beside = (file: string): string => resolve(dirname(path), file);
  const backing =
    below && depthMax > 0 ? optionsOf({ ...below, path: beside(below.file) }, depthMax - 1) : undefined;
  return {
    options: {
      ...options,
      ...(isEncrypted ? { encrypt: { format: 'luks', 'key-secret': diskKey.id } } : {}),
      ...(dataFile === undefined ? {} : { 'data-file': { driver: 'file', filename: beside(dataFile) } }),
      ...(backing ? { backing: backing.options } : {}),
    },
    isPlain: !isEncrypted && dataFile === undefined && backing?.isPlain !== false,
    saysWhereTheKeyIs: facts.backing?.includes('key-secret') === true || backing?.saysWhereTheKeyIs === true,
  };
}

/** A header may name its own image. */
const chainMax = 100;
