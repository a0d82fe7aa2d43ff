// Records what a sequence file breaks as findings, shrunk (a race may want several runs): node scripts/record.ts FILE DIR [SPEC] [system|daemon]

import { shrinkOnProgram } from '../src/campaign/shrink-on-program.ts';
import { openTryOut } from '../src/campaign/try-out.ts';
import { tool } from '../src/cli/options.ts';
import { readSequences } from '../src/corpus/read.ts';
import { openSessions } from '../src/execute/sessions/sessions.ts';
import { openFindings } from '../src/findings/store.ts';
import { resolveQemu } from '../src/target/programs/binary.ts';
import { openRunRoot } from '../src/target/run-dir.ts';
import type { Flavour } from '../src/trace/observation.ts';

const [file = '', dir = 'findings', spec, flavour = 'daemon'] = process.argv.slice(2) as [
  string?,
  string?,
  string?,
  Flavour?,
];
const target = await resolveQemu(spec);
const root = await openRunRoot();
const sessions = openSessions({ target, flavour, root, tool });
const on = { target, flavour, sessions, root, tool };
const store = openFindings(dir);
const [read] = readSequences([file]);
if (!read) throw new Error(`${file} holds no sequence`);
const original = read.sequence;
const { label, version, path } = target;
const tryOut = openTryOut(on);
let run = await tryOut(original);
for (let more = 20; more > 0 && run.violations.length === 0; more--) run = await tryOut(original);
const { violations, signatures, trace } = run;
for (const [i, violation] of violations.entries()) {
  const signature = signatures[i] as string;
  const task = {
    kind: 'shrink' as const,
    id: '',
    program: 0,
    sequence: original,
    signature,
    deadlineMs: 120_000,
  };
  const { sequence, reproduced, executions, shown } = await shrinkOnProgram(task, on);
  const { id } = store.record({
    rule: violation.rule,
    signature,
    sequence,
    original,
    trace,
    violation,
    ...shown,
    reproduced,
    executions,
    qemu: { label, version, path, flavour },
    seed: '0',
    firstSeenMs: 0,
    tool,
  });
  console.log(`${id}  ${sequence.steps.length} steps, ${reproduced.ok}/${reproduced.of}  ${signature}`);
}
await sessions.close();
root.remove();
