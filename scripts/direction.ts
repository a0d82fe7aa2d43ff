import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Writes the lint that keeps imports in their direction (biome.direction.json) from the one ordered list of rooms below.
 * `--check` writes nothing, and exits with 1 where the file is not what the list makes of it. Either exits with 1 where a
 * folder of src/ is missing in the list, or the list has one that is not there.
 */

/** Every folder of src/, in the order in which data flows: each imports only those before it. */
const rooms: readonly Room[] = [
  { name: 'qemu', pure: true },
  { name: 'sequence', pure: true },
  { name: 'qmp', pure: false },
  { name: 'trace', pure: true, but: 'stored-trace.ts' },
  { name: 'target', pure: false },
  { name: 'execute', pure: false },
  { name: 'model', pure: true },
  { name: 'judge', pure: true },
  { name: 'generate', pure: true },
  { name: 'shrink', pure: true },
  { name: 'findings', pure: false },
  { name: 'corpus', pure: false },
  { name: 'campaign', pure: false },
  { name: 'lab', pure: false },
  { name: 'diff', pure: true, but: 'diff-versions.ts' },
  { name: 'gate', pure: false },
  { name: 'page', pure: true },
  { name: 'report', pure: false },
  { name: 'serve', pure: false },
  { name: 'bench', pure: false },
  { name: 'cli', pure: false },
];

/** pure: it reads and makes data; no files, no processes, no live session. `but`: the one file in it that does. */
type Room = { name: string; pure: boolean; but?: string };

/** What a pure room does not import of what stands before it. */
const live = ['**/target/**', '**/execute/**', '**/qmp/client.ts'];
const effects = ['node:fs', 'node:fs/promises', 'node:child_process', 'node:net', 'node:os', 'execa'];

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}biome.direction.json`;

const problems = listProblems();
const text = `${JSON.stringify({ $schema: './node_modules/@biomejs/biome/configuration_schema.json', overrides: rooms.map(override) }, null, 2)}\n`;
if (problems.length > 0) fail(problems);
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text)
  fail(['biome.direction.json is not what scripts/direction.ts makes: run node scripts/direction.ts']);

function listProblems(): string[] {
  const listed = rooms.map(({ name }) => name);
  const folders = readdirSync(`${root}src`, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const top = folders.filter(({ parentPath }) => parentPath === `${root}src`).map(({ name }) => name);
  // The lint goes by folder names wherever they stand: a folder in a room may not be called like a later room.
  const misleading = folders.filter(({ name, parentPath }) => {
    const room = parentPath.slice(`${root}src/`.length).split('/')[0] as string;
    return listed.includes(room) && listed.indexOf(name) > listed.indexOf(room);
  });
  return [
    ...top.filter((name) => !listed.includes(name)).map((name) => `src/${name} is in no list of rooms`),
    ...listed.filter((name) => !top.includes(name)).map((name) => `there is no src/${name}`),
    ...misleading.map(({ name, parentPath }) => `${parentPath}/${name} has the name of a later room`),
  ];
}

function override({ name, pure, but }: Room, at: number) {
  const later = rooms.slice(at + 1).map((room) => `**/${room.name}/**`);
  const against = `src/${name} imports only the rooms before it (scripts/direction.ts).`;
  const alive = `src/${name} is pure: it sees sequences, traces and schemas, never a live session.`;
  const effect = `src/${name} is pure: effects live in target/, execute/, findings/, corpus/ and cli/.`;
  const patterns = [
    ...(later.length > 0 ? [{ group: later, message: against }] : []),
    ...(pure ? [{ group: live, message: alive }] : []),
  ];
  const options = {
    ...(pure ? { paths: Object.fromEntries(effects.map((path) => [path, { message: effect }])) } : {}),
    ...(patterns.length > 0 ? { patterns } : {}),
  };
  return {
    includes: [`src/${name}/**`, ...(but === undefined ? [] : [`!src/${name}/${but}`])],
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options } } } },
  };
}

function fail(lines: readonly string[]): never {
  for (const line of lines) console.error(`direction: ${line}`);
  process.exit(1);
}
