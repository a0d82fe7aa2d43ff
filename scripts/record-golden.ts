/**
 * Records the golden traces anew: the sequences of corpus/test-plan and the properties', on every QEMU here and in both
 * flavours, into test/golden. Only runs that break no rule are kept; the others are printed, to be looked into.
 *   node scripts/record-golden.ts [LEGAL [HOSTILE]]      so many of each on each program; 20 and 10
 * To be run with all four series here (`mirrorfuzz qemu list`), after a rule was found to need another kind of trace.
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { missing } from '../src/campaign/trouble/requirement.ts';
import { readSequences } from '../src/corpus/read.ts';
import { execute } from '../src/execute/execute.ts';
import { keepSchema } from '../src/execute/sessions/schema-store.ts';
import { openSessions } from '../src/execute/sessions/sessions.ts';
import type { Binary } from '../src/generate/situation.ts';
import { wordsOf } from '../src/judge/facts/words.ts';
import { judge } from '../src/judge/judge.ts';
import { undecided } from '../src/judge/undecided.ts';
import type { Sequence } from '../src/sequence/sequence.ts';
import { listQemu, type QemuTarget } from '../src/target/programs/binary.ts';
import { openRunRoot } from '../src/target/run-dir.ts';
import type { Flavour, Trace } from '../src/trace/observation.ts';
import { type Kind, sequenceOf } from './fresh-sequences.ts';

const [legal = 20, hostile = 10] = process.argv.slice(2).map(Number);
const golden = join(import.meta.dirname, '..', 'test', 'golden');
const tool = { name: 'mirrorfuzz', version: 'golden' };
const root = await openRunRoot();
process.on('exit', () => root.remove());
process.on('SIGINT', () => process.exit(130));

rmSync(join(golden, 'traces'), { recursive: true, force: true });
for (const target of await listQemu()) {
  for (const flavour of ['system', 'daemon'] as const) if (target[flavour]) await record(target, flavour);
}
process.exit(0);

async function record(target: QemuTarget, flavour: Flavour): Promise<void> {
  const sessions = openSessions({ target, flavour, root, tool });
  const introspection = await sessions.introspection();
  const { schema } = introspection;
  const traces: Trace[] = [];
  for (const sequence of sequences({ version: target.version, flavour, schema })) {
    const on = { version: target.version, flavour, schema: () => Promise.resolve(schema) };
    if ((await missing(sequence.requires, on)) !== undefined) continue;
    const { trace, pristine } = await execute(sequence, await sessions.pristine(sequence));
    await sessions.giveBack(pristine);
    const { violations } = judge(trace, schema);
    for (const violation of violations)
      console.log(
        `${target.version} ${flavour}, ${sequence.title}: ${violation.rule.name}: ${wordsOf(violation)}`,
      );
    if (violations.length === 0 && undecided(trace) === undefined) traces.push(trace);
  }
  await sessions.close();
  keepSchema(introspection, join(golden, 'traces', 'schemas'));
  const gzipped = gzipSync(traces.map((trace) => `${withoutPlace(trace)}\n`).join(''), { level: 9 });
  writeFileSync(join(golden, 'traces', `${target.version}-${flavour}.jsonl.gz`), gzipped);
  console.log(`${target.version} ${flavour}: ${traces.length} traces, ${gzipped.length} bytes`);
}

function sequences(binary: Binary): Sequence[] {
  const testPlan = readSequences([join(golden, '..', '..', 'corpus', 'test-plan')]);
  const fresh = (kind: Kind, count: number): Sequence[] =>
    Array.from({ length: count }, (_, i) => sequenceOf(kind, i, binary));
  return [
    ...testPlan.map(({ sequence }) => sequence),
    ...fresh('legal', legal),
    ...fresh('hostile', hostile),
  ];
}

/** A trace in one line, without what tells where and when it was recorded. */
function withoutPlace(trace: Trace): string {
  const opened = trace[0];
  const anonymous =
    opened?.kind === 'opened'
      ? [{ ...opened, startedAt: '2000-01-01T00:00:00.000Z' }, ...trace.slice(1)]
      : trace;
  return JSON.stringify(anonymous).replaceAll(root.path, '/mirrorfuzz');
}
