import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findExecutable } from '../../src/target/programs/executable.ts';
import { type Lesser, lesserMachines } from './machine-without.ts';
import { huntFor, machineIn, type There } from './run-there.ts';

const hasQemu = findExecutable('qemu-system-x86_64') !== undefined;
const base = mkdtempSync(join(tmpdir(), 'mf-test-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const hunts = new Map<Lesser, There & { json: Result }>();
type Result = { sequences: number; elapsedMs: number; without: { thing: string }[] };

/** Side by side: most of a hunt of five seconds is starting. */
const atOnce = 4;
const budgetMs = 5_000;

beforeAll(async () => {
  if (!hasQemu) return;
  const queue = lesserMachines.map((lesser) => ({ lesser, dir: mkdtempSync(join(base, 'm')) }));
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift())
      hunts.set(next.lesser, await hunted(next.lesser, next.dir));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}, 600_000);

/** A machine so loaded that not one sequence was through in time, or so few that two bad starts leave no verdict, is given more. */
async function hunted(lesser: Lesser, dir: string): Promise<There & { json: Result }> {
  const run = machineIn(dir, lesser);
  for (const time of ['5s', '30s']) {
    const there = await run(huntFor(time));
    const json = JSON.parse(readFileSync(join(dir, 'hunt.json'), 'utf8')) as Result;
    if ((json.sequences > 0 && there.code !== 3) || time === '30s') return { ...there, json };
  }
  throw new Error('unreachable');
}

test.runIf(hasQemu).each(lesserMachines)(
  'without $name a hunt lasts its budget, and says what it did without',
  (lesser) => {
    const { code, said, json } = hunts.get(lesser) ?? expect.fail('it did not run');
    expect([0, 1], said).toContain(code);
    expect(json.elapsedMs).toBeGreaterThanOrEqual(budgetMs);
    expect(json.sequences).toBeGreaterThan(0);
    if (lesser.says) expect(said).toMatch(lesser.says);
  },
);
