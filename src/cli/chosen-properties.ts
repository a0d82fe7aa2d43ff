import type { HuntPlan } from '../campaign/hunt-plan.ts';
import { loadProperties, propertyFiles } from '../campaign/properties.ts';
import { openingOf, turnsOf } from '../campaign/turns.ts';
import { UsageError } from '../errors.ts';

/** The properties that are asked for by name, all where none is, and how they take turns. Throws UsageError for a name that none has. */
export async function chosenProperties(
  wanted: string | undefined,
): Promise<Required<Pick<HuntPlan, 'properties' | 'propertyFiles' | 'turns' | 'opening'>>> {
  const files = propertyFiles();
  const all = await loadProperties(files);
  const properties = namesOf(
    all.map(({ name }) => name),
    wanted,
  );
  const chosen = all.filter(({ name }) => properties.includes(name));
  return { properties, propertyFiles: files, turns: turnsOf(chosen), opening: openingOf(chosen) };
}

function namesOf(all: readonly string[], wanted: string | undefined): string[] {
  if (wanted === undefined) return [...all];
  const names = wanted.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined || names.length === 0) {
    throw new UsageError(
      `--properties ${wanted}: there is no property "${unknown ?? ''}"`,
      `one or more of ${all.join(', ')}`,
    );
  }
  return names;
}
