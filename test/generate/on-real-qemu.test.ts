import { expect, test } from 'vitest';
import integrity from '../../properties/integrity.ts';
import lifecycle from '../../properties/lifecycle.ts';
import { drawFrom } from '../../src/generate/draw.ts';
import { generateSequence } from '../../src/generate/generate-sequence.ts';
import type { Property } from '../../src/generate/property.ts';
import { statusChange, type Trace } from '../../src/trace/observation.ts';
import { driving } from '../execute/driving.ts';
import { onOneQemu } from '../real/qemus.ts';

const count = 40;

onOneQemu((driven) => {
  const { run, sessions } = driving(driven);

  test.each([lifecycle, integrity].map((property) => [property.name, property] as const))(
    '%s: set-up succeeds, jobs start, and most commands are accepted',
    async (_, property) => {
      const traces = await tracesOf(property);
      expect(traces.filter(hasSteps).length).toBe(count);
      expect(traces.filter(startsJob).length).toBeGreaterThan(0.9 * count);
      const replies = traces.flatMap(repliesToSteps);
      expect(replies.length).toBeGreaterThan(2 * count);
      // On an idle machine nine of ten; on a busy one jobs move on later than was believed.
      expect(replies.filter(({ error }) => !error).length).toBeGreaterThan(0.6 * replies.length);
    },
  );

  async function tracesOf(property: Property): Promise<Trace[]> {
    const { version } = driven.target;
    const binary = { version, flavour: driven.flavour, schema: await sessions().schema() };
    const traces: Trace[] = [];
    for (let i = 0; i < count; i++) {
      const { arena, steps } = generateSequence(property, binary, drawFrom(`test ${i}`));
      traces.push((await run({ ...arena, steps })).trace);
    }
    return traces;
  }
});

const hasSteps = (trace: Trace): boolean =>
  trace.some((seen) => seen.kind === 'phase' && seen.phase === 'steps');
const startsJob = (trace: Trace): boolean => trace.some((seen) => statusChange(seen)?.status === 'running');

function repliesToSteps(trace: Trace) {
  const ids = new Set(
    trace.flatMap((seen) => (seen.kind === 'command' && seen.step !== undefined ? [seen.id] : [])),
  );
  return trace.flatMap((seen) => (seen.kind === 'reply' && ids.has(seen.id ?? null) ? [seen] : []));
}
