import { openSessions } from '../execute/sessions/sessions.ts';
import { drawFrom } from '../generate/draw.ts';
import { generateSequence } from '../generate/generate-sequence.ts';
import type { Property } from '../generate/property.ts';
import type { Binary } from '../generate/situation.ts';
import { isCoherent } from '../sequence/coherent.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { RunRoot } from '../target/run-dir.ts';
import { nextRun } from './lanes/next-run.ts';
import { openingOf, turnsOf } from './turns.ts';
import type { ProgramPlan } from './worker/worker-messages.ts';

type Plan = {
  seed: string;
  programs: readonly ProgramPlan[];
  properties: readonly Property[];
  tool: { name: string; version: string };
  root: RunRoot;
};

/**
 * The fresh sequences that a hunt with this seed would run, none of them run, and the QEMU that each is for, which is
 * asked for its schema alone.
 */
export async function* dryRun(
  plan: Plan,
  count: number,
): AsyncGenerator<{ sequence: Sequence; binary: Binary }> {
  const binaries: Binary[] = [];
  for (const { target, flavour, storage = [], without = [] } of plan.programs) {
    const sessions = openSessions({ target, flavour, root: plan.root, tool: plan.tool });
    binaries.push({
      version: target.version,
      flavour,
      schema: await sessions.schema(),
      storage,
      without: new Set(without.map(({ thing }) => thing)),
    });
    await sessions.close();
  }
  const names = plan.properties.map(({ name }) => name);
  const turns = turnsOf(plan.properties);
  const turning = { ...plan, properties: names, turns, opening: openingOf(plan.properties) };
  for (let index = 0; index < count; index++) {
    const task = nextRun(index, turning, undefined, drawFrom('unused'));
    const property = plan.properties.find(({ name }) => name === task.property) as Property;
    const binary = binaries[task.program] as Binary;
    yield { sequence: freshSequence(property, binary, task), binary };
  }
}

/** A campaign's sequence as its property draws it; drawn anew where nobody could read it back. */
export function freshSequence(
  property: Property,
  binary: Binary,
  { index, seed }: { index: number; seed: string },
): Sequence {
  let sequence = generateSequence(property, binary, drawFrom(seed));
  for (let again = 1; !isCoherent(sequence) && again < drawsMax; again++)
    sequence = generateSequence(property, binary, drawFrom(`${seed} ${again}`));
  return { ...sequence, title: `${property.name} ${index}` };
}

/** One in some ten thousand is not coherent: an image as large as a hostile number, say. */
const drawsMax = 8;
