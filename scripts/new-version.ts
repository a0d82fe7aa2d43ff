/**
 * For "QEMU 12 is out" (CONTRIBUTING.md): adds the row, fetches the QEMU, compares its commands with the cards, and runs
 * the silence check on it. What it prints is to be looked into; exits with 1 where there is something.
 *   node scripts/new-version.ts SERIES SUITE [COUNT]      e.g. 12.0 sid; so many sequences of each kind, 500
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { withRow } from './version-row.ts';

const [series, suite, count = '500'] = process.argv.slice(2);
if (series === undefined || suite === undefined) {
  console.error('usage: node scripts/new-version.ts SERIES SUITE [COUNT], e.g. 12.0 sid');
  process.exit(2);
}
const home = join(import.meta.dirname, '..');
const rows = join(home, 'src/qemu/versions.ts');
const before = readFileSync(rows, 'utf8');
const run = (file: string, ...args: string[]) =>
  execa(file, args, { cwd: home, stdout: ['inherit', 'pipe'], stderr: 'inherit' });

// The row comes first: a suite that no row names can't be fetched.
writeFileSync(rows, withRow(before, series, suite));
try {
  await run(join(home, 'bin/mirrorfuzz'), 'qemu', 'fetch', suite);
} catch (error) {
  writeFileSync(rows, before);
  throw error;
}
// What reads the rows is loaded now, with the new one among them.
const { openSessions } = await import('../src/execute/sessions/sessions.ts');
const { cards } = await import('../src/qemu/cards.ts');
const { isWithin } = await import('../src/qemu/versions.ts');
const { resolveQemu } = await import('../src/target/programs/binary.ts');
const { openRunRoot } = await import('../src/target/run-dir.ts');
const target = await resolveQemu(`debian:${suite}`);
if (!target.version.startsWith(`${series}.`)) {
  writeFileSync(rows, before);
  console.error(`${suite} has QEMU ${target.version}, no ${series}: ${rows} is as it was`);
  process.exit(2);
}
const differences = await compareCards();
const violations = await silence();
console.log(
  `QEMU ${target.version}: ${differences} differences from the cards, ${violations} kinds of violations. ${
    differences + violations === 0
      ? 'Now record its golden traces: node scripts/record-golden.ts'
      : 'Look into each: a defect of QEMU becomes a finding, a change becomes a trait of the row or a `since`, `until`.'
  }`,
);
process.exit(differences + violations === 0 ? 0 : 1);

/** Commands about blocks and jobs that have no card, and cards whose command is not there. */
async function compareCards(): Promise<number> {
  const root = await openRunRoot();
  const tool = { name: 'new-version', version: '0' };
  const sessions = openSessions({ target, flavour: 'system', root, tool });
  const { commands } = await sessions.schema();
  await sessions.close();
  root.remove();
  const gone = Object.entries(cards).filter(
    ([name, card]) => isWithin(target.version, card) && !commands.has(name),
  );
  const unknown = [...commands.keys()].filter((name) => /^(job|block)-/.test(name) && !(name in cards));
  for (const [name] of gone) console.log(`${name} is not there any more: its card wants \`until\``);
  for (const name of unknown) console.log(`${name} has no card: CONTRIBUTING.md, "Add a QMP verb"`);
  return gone.length + unknown.length;
}

/** As many as there are summary lines, `3 x 12.0.0 state/…`. */
async function silence(): Promise<number> {
  let kinds = 0;
  for (const kind of ['legal', 'hostile']) {
    const script = join(import.meta.dirname, 'silence.ts');
    const { stdout } = await run(process.execPath, script, count, kind, `debian:${suite}`);
    kinds += stdout.match(/^\d+ x /gm)?.length ?? 0;
  }
  return kinds;
}
