/**
 * Runs the properties' sequences over QEMUs and prints every violation: the rules must be silent, or each must be looked into.
 *   node scripts/silence.ts COUNT KIND [QEMU-SPEC…]
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { execute } from '../src/execute/execute.ts';
import { openSessions } from '../src/execute/sessions/sessions.ts';
import { signatureOf } from '../src/findings/signature.ts';
import { wordsOf } from '../src/judge/facts/words.ts';
import { judge } from '../src/judge/judge.ts';
import { undecided } from '../src/judge/undecided.ts';
import { traceText } from '../src/report/trace-text.ts';
import { printSequence } from '../src/sequence/print.ts';
import { resolveQemu } from '../src/target/programs/binary.ts';
import { openRunRoot } from '../src/target/run-dir.ts';
import { printTrace } from '../src/trace/lines.ts';
import { type Kind, sequenceOf } from './fresh-sequences.ts';

const [count = '1000', kind = 'legal', ...specs] = process.argv.slice(2);
const from = Number(process.env.FROM ?? 0);
const out = process.env.OUT;
/** Only sequences whose text matches are run. */
const match = new RegExp(process.env.MATCH ?? '');
const root = await openRunRoot();
process.on('exit', () => root.remove());
process.on('SIGINT', () => process.exit(130));
const tool = { name: 'silence', version: '0' };
const seen = new Map<string, number>();
const lane = async (spec: string, flavour: 'system' | 'daemon'): Promise<void> => {
  const target = await resolveQemu(spec === 'path' ? undefined : spec);
  const sessions = openSessions({ target, flavour, root, tool });
  const schema = await sessions.schema();
  const begin = performance.now();
  let judgingMs = 0;
  let commands = 0;
  let refused = 0;
  for (let i = from; i < from + Number(count); i++) {
    const sequence = sequenceOf(kind as Kind, i, { version: target.version, flavour, schema });
    if (!match.test(JSON.stringify(sequence))) continue;
    const { trace, pristine } = await execute(sequence, await sessions.pristine(sequence));
    await sessions.giveBack(pristine);
    const t = performance.now();
    const { violations } = judge(trace, schema);
    judgingMs += performance.now() - t;
    for (const o of trace) {
      if (o.kind === 'command') commands++;
      if (o.kind === 'reply' && o.error) refused++;
    }
    const why = undecided(trace);
    if (why) console.log(`${target.version} ${flavour} ${i}: undecided: ${why}`);
    for (const violation of violations) {
      const signature = `${target.version} ${signatureOf(violation, trace)}`;
      const times = (seen.get(signature) ?? 0) + 1;
      seen.set(signature, times);
      if (times > 2) continue;
      console.log(
        `${target.version} ${flavour} ${kind} ${i}: ${violation.rule.name}: ${wordsOf(violation)} [${violation.at}]`,
      );
      if (out) {
        mkdirSync(out, { recursive: true });
        const base = `${out}/${target.version}-${flavour}-${kind}-${i}`;
        writeFileSync(`${base}.txt`, traceText(trace, { all: true }).join('\n'));
        writeFileSync(`${base}.json`, printSequence(sequence));
        writeFileSync(`${base}.trace.jsonl`, printTrace(trace));
      }
    }
  }
  const elapsed = performance.now() - begin;
  console.log(
    `${target.version} ${flavour}: ${count} in ${(elapsed / 1000).toFixed(1)} s, judging ${((100 * judgingMs) / elapsed).toFixed(1)} %, ${commands} commands, ${refused} refused, ${sessions.started()} sessions`,
  );
  await sessions.close();
};
for (const spec of specs.length > 0 ? specs : ['debian:bullseye', 'path', 'debian:trixie', 'debian:sid']) {
  await Promise.all([lane(spec, 'system'), lane(spec, 'daemon')]);
}
for (const [signature, times] of [...seen].sort((a, b) => b[1] - a[1]))
  console.log(`${times} x ${signature}`);
process.exit(0);
