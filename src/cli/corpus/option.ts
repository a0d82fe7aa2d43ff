import { existsSync, statSync } from 'node:fs';
import { readSequences } from '../../corpus/read.ts';
import { UsageError } from '../../errors.ts';
import { once } from '../options.ts';

export const corpusOption = {
  type: 'string',
  requiresArg: true,
  coerce: once<string>('corpus'),
  default: './corpus',
  describe: 'the corpus directory',
} as const;

export const jsonOption = {
  type: 'string',
  requiresArg: true,
  coerce: once<string>('json'),
  describe: 'write the result as JSON; - is stdout',
} as const;

export function corpusFiles(dir: string): ReturnType<typeof readSequences> {
  if (!existsSync(dir))
    throw new UsageError(`--corpus ${dir}: no such directory`, 'mirrorfuzz corpus add FILE');
  if (!statSync(dir).isDirectory()) throw new UsageError(`--corpus ${dir}: is not a directory`);
  return readSequences([dir]);
}
