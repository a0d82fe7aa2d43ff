import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lesserMachines } from '../test/cli/machine-without.ts';
import { huntFor, machineIn } from '../test/cli/run-there.ts';

/**
 * `node scripts/hidden-programs.ts [NAME…]`: on a machine that lacks each optional program in turn, how hunt, run,
 * scenario run and replay end, how many sequences have a verdict, and what is said of what is missing. A table in
 * Markdown, as docs/bench.md has it.
 */
const names = process.argv.slice(2);
const root = resolve(import.meta.dirname, '..');
/** A crash of the system emulator that shows whenever it is replayed. */
const finding = '120f11881968';
const commands: [string, string[]][] = [
  ['hunt', huntFor('20s')],
  ['run', ['run', 'sequences', '--flavour', 'system', '--workers', '1']],
  ['scenario run', ['scenario', 'run', '01-*', 'server', '--flavour', 'system', '--workers', '1']],
  ['replay', ['replay', finding, '--times', '2', '--findings', 'copied', '--quiet']],
];

/** A reason of a skip, a hunt's line at its start, a tool that judging lacks, how QEMU is confined. */
const reasonPatterns = new RegExp(
  [
    String.raw`no (nbd/[\w-]+|block|iscsi|nfs|nbd|pc machine): [^\n]*`,
    String.raw`^without [^\n]*(?=: mirrorfuzz)`,
    String.raw`\w+ storage is not asked for or not usable here`,
    'there is no qemu-img',
    'NOT CONFINED|confined by namespaces',
  ].join('|'),
  'gm',
);

console.log('| machine | command | exit | verdicts | seconds | what it says |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const lesser of lesserMachines) {
  if (names.length > 0 && !names.includes(lesser.name)) continue;
  const dir = mkdtempSync(join(tmpdir(), 'lesser-'));
  try {
    cpSync(join(root, 'findings', finding), join(dir, 'copied', finding), { recursive: true });
    writeSequences(join(dir, 'sequences'));
    const run = machineIn(dir, lesser);
    for (const [name, args] of commands) {
      const { code, said, elapsedMs } = await run(args);
      const cells = [
        lesser.name,
        name,
        `${code}`,
        verdicts(said),
        (elapsedMs / 1000).toFixed(1),
        reduced(said),
      ];
      console.log(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A mirror to a local file, one to each kind of storage and each NBD server, and a guest that boots. */
function writeSequences(dir: string): void {
  mkdirSync(dir);
  const nbd = ['qemu-nbd', 'daemon', 'nbdkit'].map((server) => ({ nbd: { server } }));
  for (const [at, storage] of ['file', 'block', 'iscsi', 'nfs', ...nbd].entries()) {
    const disk = { format: 'raw', sizeBytes: 2 ** 20 };
    const mirror = { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full' };
    const sequence = {
      schema: 1,
      title: `a mirror to ${JSON.stringify(storage)}`,
      arena: {
        disks: [
          { name: 'src', ...disk, fill: 'full' },
          { name: 'dst', ...disk, storage },
        ],
      },
      steps: [
        { qmp: 'blockdev-mirror', args: mirror },
        { await: 'READY', job: 'j0', expect: 'met' },
        { qmp: 'block-job-cancel', args: { device: 'j0' } },
        { await: 'gone', job: 'j0' },
      ],
    };
    writeFileSync(join(dir, `${at}.json`), JSON.stringify(sequence));
  }
  cpSync(join(root, 'corpus/scenarios/guest-boots-from-copy.json'), join(dir, 'guest.json'));
}

function lineOf(said: string, pattern: RegExp): string {
  return (said.split('\n').findLast((line) => pattern.test(line)) ?? '').trim();
}

function verdicts(said: string): string {
  return lineOf(said, /sequences? decided|\d passed|reproduced \d+\/|does not start/).slice(0, 110);
}

/** The reasons, whatever command says them: at the start of a hunt, with what was skipped. */
function reduced(said: string): string {
  const reasons = said.match(reasonPatterns);
  return [...new Set(reasons ?? [])].slice(0, 4).join('; ').slice(0, 260);
}
