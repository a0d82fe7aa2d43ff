/**
 * Runs sequences of every property on QEMUs and prints, for each property: commands accepted, sequences that never start
 * a job, steps, milliseconds, and what the judge says.
 *   node scripts/acceptance.ts COUNT PROPERTY,…|all [QEMU-SPEC…]      (OUT: a directory for what broke a rule)
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { loadProperties, propertyFiles } from '../src/campaign/properties.ts';
import { execute } from '../src/execute/execute.ts';
import { openSessions } from '../src/execute/sessions/sessions.ts';
import { signatureOf } from '../src/findings/signature.ts';
import { drawFrom } from '../src/generate/draw.ts';
import { generateSequence } from '../src/generate/generate-sequence.ts';
import type { Property } from '../src/generate/property.ts';
import { wordsOf } from '../src/judge/facts/words.ts';
import { judge } from '../src/judge/judge.ts';
import { traceText } from '../src/report/trace-text.ts';
import { printSequence } from '../src/sequence/print.ts';
import { resolveQemu } from '../src/target/programs/binary.ts';
import { openRunRoot } from '../src/target/run-dir.ts';
import { printTrace } from '../src/trace/lines.ts';
import { statusChange, type Trace } from '../src/trace/observation.ts';

const [count = '100', wanted = 'all', ...specs] = process.argv.slice(2);
const from = Number(process.env.FROM ?? 0);
const out = process.env.OUT;
const flavours = (process.env.FLAVOURS ?? 'system,daemon').split(',') as ('system' | 'daemon')[];
const properties = (await loadProperties(propertyFiles())).filter(
  ({ name }) => wanted === 'all' || wanted.split(',').includes(name),
);
const root = await openRunRoot();
process.on('exit', () => root.remove());
process.on('SIGINT', () => process.exit(130));

const signatures = new Map<string, number>();
const refusals = new Map<string, number>();
for (const spec of specs.length > 0 ? specs : ['path']) {
  const target = await resolveQemu(spec === 'path' ? undefined : spec);
  for (const flavour of flavours) for (const property of properties) await measure(target, flavour, property);
}
console.log('\nrefusals');
for (const [text, times] of [...refusals]
  .sort((a, b) => b[1] - a[1])
  .slice(0, Number(process.env.REFUSALS ?? 30)))
  console.log(`${String(times).padStart(6)}  ${text}`);
console.log('\nviolations');
for (const [text, times] of [...signatures].sort((a, b) => b[1] - a[1]))
  console.log(`${String(times).padStart(6)}  ${text}`);
process.exit(0);

async function measure(
  target: Awaited<ReturnType<typeof resolveQemu>>,
  flavour: 'system' | 'daemon',
  property: Property,
): Promise<void> {
  const sessions = openSessions({ target, flavour, root, tool: { name: 'acceptance', version: '0' } });
  const schema = await sessions.schema();
  const total = {
    steps: 0,
    sent: 0,
    accepted: 0,
    vacuous: 0,
    setUpFailed: 0,
    commands: 0,
    expired: 0,
    ms: 0,
    generateMs: 0,
    judgeMs: 0,
  };
  for (let i = from; i < from + Number(count); i++) {
    const begin = performance.now();
    const sequence = generateSequence(
      property,
      { version: target.version, flavour, schema },
      drawFrom(`${property.name} ${i}`),
    );
    total.generateMs += performance.now() - begin;
    const { trace, pristine } = await execute(sequence, await sessions.pristine(sequence));
    await sessions.giveBack(pristine);
    const judgeBegin = performance.now();
    const { violations } = judge(trace, schema);
    total.judgeMs += performance.now() - judgeBegin;
    total.ms += performance.now() - begin;
    total.steps += sequence.steps.length;
    countIn(trace, total);
    for (const violation of violations) {
      const signature = `${target.version} ${flavour} ${signatureOf(violation, trace)}`;
      const times = (signatures.get(signature) ?? 0) + 1;
      signatures.set(signature, times);
      if (times > 2 || out === undefined) continue;
      mkdirSync(out, { recursive: true });
      const base = `${out}/${target.version}-${flavour}-${property.name}-${i}`;
      writeFileSync(
        `${base}.txt`,
        `${signature}\n${wordsOf(violation)}\n\n${traceText(trace, { all: true }).join('\n')}`,
      );
      writeFileSync(`${base}.json`, printSequence(sequence));
      writeFileSync(`${base}.trace.jsonl`, printTrace(trace));
    }
  }
  const per = (value: number, of: number = Number(count)): string => (value / of).toFixed(1);
  console.log(
    `${target.version} ${flavour} ${property.name.padEnd(16)} accepted ${per(100 * total.accepted, total.sent)} %  vacuous ${per(100 * total.vacuous)} %  set-up failed ${total.setUpFailed}  steps ${per(total.steps)}  commands ${per(total.commands)}  expired awaits ${per(total.expired)}  ms ${per(total.ms)} (generate ${per(total.generateMs)}, judge ${per(total.judgeMs)})  sessions ${sessions.started()}`,
  );
  await sessions.close();
}

function countIn(
  trace: Trace,
  total: {
    sent: number;
    accepted: number;
    vacuous: number;
    setUpFailed: number;
    commands: number;
    expired: number;
  },
): void {
  const names = new Map<unknown, string>();
  let started = false;
  for (const seen of trace) {
    if (seen.kind === 'command') total.commands++;
    if (seen.kind === 'command' && seen.step !== undefined) names.set(seen.id, seen.name);
    if (seen.kind === 'await' && seen.outcome === 'expired') total.expired++;
    if (statusChange(seen)?.status === 'running') started = true;
    if (seen.kind !== 'reply') continue;
    const name = names.get(seen.id);
    if (name === undefined) continue;
    total.sent++;
    if (!seen.error) total.accepted++;
    else {
      const text = `${name}: ${seen.error.desc.replaceAll(/'[^']*'|\/\S+/g, '…')}`;
      refusals.set(text, (refusals.get(text) ?? 0) + 1);
    }
  }
  if (!trace.some((seen) => seen.kind === 'phase' && seen.phase === 'steps')) total.setUpFailed++;
  if (!started) total.vacuous++;
}
