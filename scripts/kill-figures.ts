/**
 * Kills campaigns, workers, QEMUs, storage servers and workers that shrink, at random moments of hunts that it starts,
 * and prints what was left: processes, files, half findings, a summary that is missing.
 *   node scripts/kill-figures.ts [HUNTS] [SEED]       (20 hunts are 100 kills)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { killHunt, shortLivedPrograms, type Victim } from './kill-hunt.ts';

const [hunts = '20', seed = '1'] = process.argv.slice(2);
const random = seedrandom(`kills ${seed}`);
const dir = mkdtempSync(join(tmpdir(), 'mf-kills-'));
const programs = shortLivedPrograms(join(dir, 'qemu'));
const inner: Victim[] = ['worker', 'QEMU', 'server', 'shrinking worker'];
const figures = new Map<Victim, { kills: number; none: number }>();
const problems: string[] = [];

for (let hunt = 0; hunt < Number(hunts); hunt++) {
  const shuffled = inner.map((victim) => ({ victim, at: random() })).sort((a, b) => a.at - b.at);
  // Every other campaign is left to end by Ctrl-C, and to sum up.
  const last: Victim = hunt % 2 === 0 ? 'campaign' : 'shrinking worker';
  const victims = [...shuffled.map(({ victim }) => victim), last];
  const told = await killHunt({ dir, seed: hunt, victims, random, programs });
  for (const { victim, pid } of told.killed) {
    const figure = figures.get(victim) ?? { kills: 0, none: 0 };
    figures.set(victim, figure);
    if (pid === undefined) figure.none++;
    else figure.kills++;
  }
  problems.push(...told.problems.map((problem) => `hunt ${hunt}: ${problem}`));
  console.error(
    `hunt ${hunt}: ${told.killed.filter(({ pid }) => pid).length} kills, ${told.problems.join('; ') || 'nothing left'}`,
  );
}

console.log('killed              times   none there');
for (const [victim, { kills, none }] of figures)
  console.log(`${victim.padEnd(18)}  ${String(kills).padStart(5)}   ${none}`);
console.log(
  problems.length === 0 ? 'nothing left, no half finding, every summary written' : problems.join('\n'),
);
if (problems.length === 0) rmSync(dir, { recursive: true });
process.exitCode = problems.length === 0 ? 0 : 1;
