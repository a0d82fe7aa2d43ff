/**
 * Records the cases anew: each sequence of test/judge/cases/sequences on every QEMU here, system flavour, into
 * test/judge/cases/traces, one file a case and version. What each breaks is printed.
 *   node scripts/record-cases.ts [NAME…]
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { missing } from '../src/campaign/trouble/requirement.ts';
import { readSequences } from '../src/corpus/read.ts';
import { execute } from '../src/execute/execute.ts';
import { openSessions } from '../src/execute/sessions/sessions.ts';
import { wordsOf } from '../src/judge/facts/words.ts';
import { judge } from '../src/judge/judge.ts';
import { listQemu } from '../src/target/programs/binary.ts';
import { openRunRoot } from '../src/target/run-dir.ts';
import type { Trace } from '../src/trace/observation.ts';

const named = process.argv.slice(2);
const dir = join(import.meta.dirname, '..', 'test', 'judge', 'cases');
const root = await openRunRoot();
process.on('exit', () => root.remove());
process.on('SIGINT', () => process.exit(130));

const cases = readSequences([join(dir, 'sequences')])
  .map(({ file, sequence }) => ({ name: basename(file, '.json'), sequence }))
  .filter(({ name }) => named.length === 0 || named.includes(name));
mkdirSync(join(dir, 'traces'), { recursive: true });
for (const target of await listQemu()) {
  if (!target.system) continue;
  const { version } = target;
  const sessions = openSessions({
    target,
    flavour: 'system',
    root,
    tool: { name: 'mirrorfuzz', version: 'case' },
  });
  const { schema } = await sessions.introspection();
  for (const { name, sequence } of cases) {
    const on = { version, flavour: 'system' as const, schema: () => Promise.resolve(schema) };
    if ((await missing(sequence.requires, on)) !== undefined) continue;
    const { trace, pristine } = await execute(sequence, await sessions.pristine(sequence));
    await sessions.giveBack(pristine);
    writeFileSync(
      join(dir, 'traces', `${name}.${version}.json.gz`),
      gzipSync(withoutPlace(trace), { level: 9 }),
    );
    const told = judge(trace, schema).violations.map((each) => `${each.rule.name}: ${wordsOf(each)}`);
    console.log(`${version} ${name}: ${told.length === 0 ? 'silent' : told.join('; ')}`);
  }
  await sessions.close();
}
process.exit(0);

/** A trace in one line, without what tells where and when it was recorded. */
function withoutPlace(trace: Trace): string {
  const opened = trace[0];
  const anonymous =
    opened?.kind === 'opened'
      ? [{ ...opened, startedAt: '2000-01-01T00:00:00.000Z' }, ...trace.slice(1)]
      : trace;
  return JSON.stringify(anonymous).replaceAll(root.path, '/mirrorfuzz');
}
