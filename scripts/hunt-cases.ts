/**
 * Which defects of public bug reports do hunts find? One hunt after the other, of the properties that the defect is about,
 * on a version that has it; a hunt ends as soon as its defect is found. Prints a row of a table each.
 *   [OUT=dir] node scripts/hunt-cases.ts [SECONDS] [CASE…]
 * OUT keeps what was found, to be looked at. What a busy machine misses says little: the row has the load.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../src/findings/finding.ts';
import { listFindings } from '../src/findings/list.ts';
import { storedFinding } from '../src/findings/stored.ts';
import { type CaseHunt, caseHunts, withoutHunt } from './case-hunts.ts';

const [seconds = '600', ...names] = process.argv.slice(2);
const out = process.env.OUT ?? mkdtempSync(join(tmpdir(), 'hunt-cases-'));
process.on('exit', () => process.env.OUT ?? rmSync(out, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));
const isChosen = (name: string): boolean => names.length === 0 || names.includes(name);

console.log(
  '| case | version | properties | found after | by | sequences | load |\n| --- | --- | --- | --- | --- | --- | --- |',
);
for (const hunt of caseHunts.filter(({ name }) => isChosen(name))) console.log(row(hunt, await found(hunt)));
for (const [name, why] of Object.entries(withoutHunt)) if (isChosen(name)) console.log(`${name}: ${why}`);

/** The first finding that is the case's defect, or what was found instead. */
async function found({ name, qemu, properties, is }: CaseHunt): Promise<Finding | readonly Finding[]> {
  const dir = join(out, name);
  mkdirSync(dir, { recursive: true });
  const args = ['hunt', '--qemu', qemu, '--properties', properties.join(), '--time', `${seconds}s`];
  const where = [
    '--findings',
    join(dir, 'findings'),
    '--corpus',
    join(dir, 'corpus'),
    '--json',
    join(dir, 'hunt.json'),
  ];
  const how = ['--seed', process.env.SEED ?? '21', '--workers', '1', '--quiet'];
  const hunting = spawn(resolve(import.meta.dirname, '../bin/mirrorfuzz'), [...args, ...where, ...how], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<'ended'>((done) => hunting.once('close', () => done('ended')));
  const seen = new Map<string, string>();
  for (let isOver = false; ; ) {
    const findings = findingsIn(join(dir, 'findings'));
    const met = findings.find((finding) => {
      // Shrunk, or met again, it may be what it was not.
      const isAsSeen = seen.get(finding.id) === JSON.stringify(finding);
      seen.set(finding.id, JSON.stringify(finding));
      return !isAsSeen && isWhole(() => is(storedFinding(join(dir, 'findings', finding.id))));
    });
    if (met) {
      hunting.kill('SIGINT');
      await ended;
      return met;
    }
    if (isOver) return findings;
    isOver = (await Promise.race([ended, sleep(1000)])) === 'ended';
  }
}

function findingsIn(dir: string): readonly Finding[] {
  return existsSync(dir) ? listFindings(dir).findings : [];
}

/** false, too, while it is being replaced: it is looked at again when it has changed. */
function isWhole(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}

function sequencesOf(result: string): string {
  return existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')).sequences : '?';
}

function row({ name, qemu, properties }: CaseHunt, met: Finding | readonly Finding[]): string {
  const load = loadavg()[0]?.toFixed(1);
  const [after, by] =
    'id' in met
      ? [`${Math.round(met.firstSeenMs / 1000)} s`, `${met.id}, ${met.signature}`]
      : ['not', `${met.length} others`];
  return `| ${name} | ${qemu} | ${properties.join(', ')} | ${after} | ${by} | ${sequencesOf(join(out, name, 'hunt.json'))} | ${load} |`;
}
