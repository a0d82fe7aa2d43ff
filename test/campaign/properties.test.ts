import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProperties, propertyFiles } from '../../src/campaign/properties.ts';
import { temporaryDir } from '../target/temporary.ts';

const propertyModule = join(import.meta.dirname, '..', '..', 'src', 'generate', 'property.ts');
const arenaModule = join(import.meta.dirname, '..', '..', 'src', 'generate', 'arenas', 'pair.ts');

const source = (told: string): string => `
import { pair } from ${JSON.stringify(arenaModule)};
import { property, weights } from ${JSON.stringify(propertyModule)};
export default property({ statement: 's', arena: pair(), steps: weights({ startJob: 1 }), ${told} });
`;

/** What loading those files says, as one line. */
async function complaint(files: Record<string, string>): Promise<string> {
  const dir = temporaryDir();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const told = await loadProperties(propertyFiles(dir)).then(
    (loaded) => `loaded ${loaded.map(({ name }) => name).join()}`,
    (error: Error) => error.message,
  );
  expect(told).not.toContain('\n');
  return told.replace(`${dir}/`, '');
}

test("the project's own properties are called as their files", async () => {
  const files = propertyFiles();
  const names = (await loadProperties(files)).map(({ name }) => name);
  expect(files.map((file) => basename(file, '.ts'))).toEqual(names);
  expect(names).toContain('lifecycle');
});

test('a file put into the directory is a property', async () => {
  expect(await complaint({ 'a.ts': source("name: 'a', claims: ['crash']") })).toBe('loaded a');
});

test.each([
  ['a file without a property', { 'a.ts': 'export const a = 1;' }, 'a.ts: its default export is no property'],
  ['a file that throws', { 'a.ts': 'throw new Error("broken")' }, 'a.ts: broken'],
  [
    'one that claims nothing',
    { 'a.ts': source("name: 'a', claims: []") },
    'a.ts: the property a claims nothing',
  ],
  [
    'one with a bad name',
    { 'a.ts': source("name: 'A b', claims: ['crash']") },
    'a.ts: "A b" is no name of a property',
  ],
  [
    'two of one name',
    { 'a.ts': source("name: 'a', claims: ['crash']"), 'b.ts': source("name: 'a', claims: ['crash']") },
    'b.ts: there is another property called "a"',
  ],
])('%s is told in one line that names the file', async (_, files, told) => {
  expect(await complaint(files)).toBe(told);
});

test('a file with a slip in its syntax is told in one line that names the file', async () => {
  expect(await complaint({ 'a.ts': 'export default property({' })).toMatch(/^a\.ts: ./);
});

test('a directory without properties, or that is not there, is told', () => {
  const dir = temporaryDir();
  expect(() => propertyFiles(dir)).toThrow(`${dir}: no property in this directory`);
  expect(() => propertyFiles(join(dir, 'gone'))).toThrow(`${join(dir, 'gone')}: can't be read`);
});
