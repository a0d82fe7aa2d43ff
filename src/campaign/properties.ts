import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';
import type { Property } from '../generate/property.ts';

/** The files of a directory of properties, by name; the project's own as a rule. Throws UsageError where it has none. */
export function propertyFiles(dir: string = ownProperties): string[] {
  const files = namesIn(dir)
    .filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => join(dir, name));
  if (files.length === 0) throw new UsageError(`${dir}: no property in this directory`);
  return files;
}

/**
 * Each file's default export, which `property()` has made. Throws UsageError naming the file: for one that can't be
 * loaded, one without a property, and a name that two have.
 */
export async function loadProperties(files: readonly string[]): Promise<Property[]> {
  const properties: Property[] = [];
  for (const file of files) {
    const property = await load(file);
    if (properties.some(({ name }) => name === property.name))
      throw new UsageError(`${file}: there is another property called "${property.name}"`);
    properties.push(property);
  }
  return properties;
}

const ownProperties = join(import.meta.dirname, '..', '..', 'properties');

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw new UsageError(`${dir}: can't be read: ${(error as Error).message}`);
  }
}

async function load(file: string): Promise<Property> {
  const module = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new UsageError(
      `${file}: ${firstLine(error)}`,
      'docs/properties.md shows how a property is written',
    );
  });
  const found: unknown = module.default;
  if (!isProperty(found))
    throw new UsageError(
      `${file}: its default export is no property`,
      'export default property({ … }), as docs/properties.md shows',
    );
  return found;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** `property()` has checked the rest. */
function isProperty(value: unknown): value is Property {
  if (typeof value !== 'object' || value === null) return false;
  const { name, arena, steps } = value as Partial<Property>;
  return typeof name === 'string' && typeof arena === 'function' && typeof steps === 'object';
}
