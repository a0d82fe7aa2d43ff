import { writeFileSync, mkdirSync } from 'node:fs';
import { execute } from '../src/execute/execute.ts';
import { openSessions } from '../src/execute/sessions.ts';
import { judge } from '../src/judge/judge.ts';
import { undecided } from '../src/judge/undecided.ts';
import { traceText } from '../src/report/trace-text.ts';
import { printSequence } from '../src/sequence/print.ts';
import type { Sequence } from '../src/sequence/sequence.ts';
import { resolveQemu } from '../src/target/binary.ts';
import { openRunRoot } from '../src/target/run-dir.ts';
import { printTrace } from '../src/trace/lines.ts';
import { sequenceOf } from './fresh-sequences.ts';
const [count = '100', from = '0', ...specs] = process.argv.slice(2);
const out = '/tmp/verdict-restart';
mkdirSync(out, { recursive: true });
const root = await openRunRoot();
process.on('exit', () => root.remove());
const tool = { name: 'silence', version: '0' };
const lane = async (spec: string, flavour: 'system' | 'daemon'): Promise<void> => {
  const target = await resolveQemu(spec === 'path' ? undefined : spec);
  const sessions = openSessions({ target, flavour, root, tool });
  const schema = await sessions.schema();
  let ran = 0, contents = 0, restarts = 0, und = 0;
  for (let i = Number(from); ran < Number(count) && i < Number(from) + 20 * Number(count); i++) {
    const drawn = sequenceOf('legal', i, { version: target.version, flavour, schema });
    if (drawn.arena.machine === 'pc' || 'dialect' in drawn.arena || 'dialect' in drawn || !drawn.after?.length || drawn.steps.length < 4) continue;
    if (drawn.steps.some((s) => 'fault' in s && s.fault === 'restart')) continue;
    const at = 1 + (i * 7) % (drawn.steps.length - 2);
    const end: Sequence['steps'] = i % 3 === 0 ? [{ qmp: 'quit', args: {} } as never] : [{ fault: 'sigkill' }];
    const steps = [...drawn.steps.slice(0, at), ...end, { await: 'exit' } as never, { fault: 'restart' } as never,
      ...drawn.arena.disks.filter((d) => d.frontend === 'nbd' || d.frontend === 'auto').map((d) => ({ guest: 'read', disk: d.name, offsetBytes: 0, lengthBytes: Math.min(65536, d.sizeBytes - d.sizeBytes % 512) }) as never).filter((s: { lengthBytes: number }) => s.lengthBytes > 0),
      ...drawn.steps.slice(i % 2 ? at : 0)];
    const sequence = { ...drawn, steps, title: `restart ${i}` };
    ran++;
    try {
    const { trace, pristine } = await execute(sequence, await sessions.pristine(sequence));
    await sessions.giveBack(pristine);
    restarts += trace.some((s) => s.kind === 'restarted') ? 1 : 0;
    contents += trace.some((s) => s.kind === 'restarted') ? trace.filter((s) => s.kind === 'content').length : 0;
    const why = undecided(trace);
    if (why) { und++; console.log(`${target.version} ${flavour} ${i}: undecided ${why}`); }
    for (const violation of judge(trace, schema)) {
      console.log(`${target.version} ${flavour} ${i}: ${violation.rule.name}: ${JSON.stringify(violation.facts).slice(0, 400)} [${violation.at}/${trace.findIndex((s) => s.kind === 'restarted')}]`);
      writeFileSync(`${out}/${target.version}-${flavour}-${i}.txt`, traceText(trace, { all: true }).join('\n'));
      writeFileSync(`${out}/${target.version}-${flavour}-${i}.json`, printSequence(sequence));
      writeFileSync(`${out}/${target.version}-${flavour}-${i}.trace.jsonl`, printTrace(trace));
    }
    } catch (error) { console.log(`${i}: ${(error as Error).message}`); await sessions.giveBack(false); }
  }
  console.log(`${target.version} ${flavour}: ${ran} ran, ${restarts} restarted, ${contents} contents, ${und} undecided`);
  await sessions.close();
};
for (const spec of specs) await Promise.all([lane(spec, 'system'), lane(spec, 'daemon')]);
process.exit(0);
