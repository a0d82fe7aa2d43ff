import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadProperties } from '../campaign/properties.ts';

/** By name, what a property's file is: two machines draw the same sequences only from the same files. */
export async function propertyDigests(files: readonly string[]): Promise<Map<string, string>> {
  const properties = await loadProperties(files);
  return new Map(
    files.map((file, at) => [
      properties[at]?.name ?? file,
      createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16),
    ]),
  );
}
