import type { CommandModule } from 'yargs';
import { type RunItem, runAll } from '../campaign/run-all.ts';
import type { Affected } from '../findings/finding.ts';
import { signatureOf } from '../findings/signature.ts';
import { openFindings } from '../findings/store.ts';
import { openTally } from '../report/outcome.ts';
import { traceText } from '../report/trace-text.ts';
import { verdictText } from '../report/verdict-text.ts';
import { listQemu } from '../target/binary.ts';
import { openRunRoot } from '../target/run-dir.ts';
import { onInterrupt } from './interrupt.ts';
import { count, outputOptions, printer, tool, writeJson } from './options.ts';
import { programsOf } from './programs.ts';
import { readSubject } from './subject.ts';
import { type SubjectArgs, subjectOptions } from './subject-options.ts';

type Args = SubjectArgs & {
  everywhere: boolean | undefined;
  times: number;
  workers: number;
  json: string | undefined;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
};

export const replayCommand: CommandModule<object, Args> = {
  command: 'replay <finding>',
  describe: "run a finding's minimal sequence several times, tell how often it shows",
  builder: (yargs) =>
    subjectOptions(outputOptions(yargs))
      .option('times', {
        type: 'number',
        default: 5,
        requiresArg: true,
        coerce: count('times'),
        describe: 'runs on each QEMU in each flavour',
      })
      .option('everywhere', {
        type: 'boolean',
        conflicts: 'qemu', // which any default would be, too
        describe: 'on every QEMU of `qemu list`; a finding keeps which are affected',
      })
      .example('$0 replay 3f2a', 'the finding whose id begins so, on the QEMU on PATH')
      .example(
        'git bisect run $0 replay 3f2a --qemu build/',
        'exit code 1 while it shows, 0 when it does not',
      ),
  handler: replay,
};

async function replay(args: Args): Promise<void> {
  const print = printer(args.json);
  const subject = readSubject(args.finding, args.findings);
  const { finding, ...named } = subject;
  const flavour = args.flavour ?? (args.everywhere ? 'both' : (finding?.flavour ?? 'both'));
  const programs = await programsOf(args.everywhere ? await everyLabel() : args.qemu, flavour);
  const root = await openRunRoot();
  process.once('exit', root.remove);
  const begunMs = performance.now();
  const options = {
    finding: args.finding,
    times: args.times,
    qemu: args.qemu ?? null,
    flavour: args.flavour ?? null,
  };
  const tally = openTally({ tool, options, programs, startedAt: new Date() });
  const counts = countSignatures();

  const sequences = Array.from({ length: args.times }, () => named);
  const all = runAll({ sequences, programs, workers: args.workers, root, tool }, (item) => {
    tally.add(item);
    counts.add(item);
    if (args.quiet) return;
    const { target, violations } = item;
    for (const line of verdictText({ ...item, name: named.name, version: target.version }, args.color))
      print(line);
    if (args.verbose || (violations.length > 0 && counts.runs() === 1))
      for (const line of traceText(item.trace, { all: args.verbose })) print(`    ${line}`);
  });
  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await all.kill();
    finish();
  });
  try {
    await all.finished;
  } catch (error) {
    if (!interrupted) {
      await all.kill();
      throw error;
    }
  }
  if (interrupted) return; // the process ends as soon as that is done
  release();
  root.remove();
  process.exitCode = finish();

  function finish(): number {
    const { ok, of, undecided } = counts.of(finding?.signature);
    if (finding && subject.store !== undefined && of > 0)
      openFindings(subject.store).setAffected(finding.id, counts.affected(finding.signature));
    if (args.json !== undefined) {
      const elapsedMs = performance.now() - begunMs;
      const outcome = tally.outcome({ elapsedMs, sessionsStarted: all.sessionsStarted(), interrupted });
      const findings = outcome.findings.map((found) => ({
        ...found,
        reproduced: { ok: counts.of(found.signature).ok, of },
      }));
      writeJson(args.json, { ...outcome, findings });
    }
    const others = finding ? counts.others(finding.signature) : [];
    for (const other of others) print(`another one: ${other}`);
    print(`reproduced ${ok}/${of}`);
    return ok > 0 ? 1 : of > 0 && undecided === of ? 3 : 0;
  }
}

const everyLabel = async (): Promise<string[]> => (await listQemu()).map(({ label }) => label);

/** How many runs broke what. A run that was skipped is none, and one without a verdict says nothing of its QEMU. */
function countSignatures() {
  const bySignature = new Map<string, number>();
  const byProgram = new Map<string, Affected & { signatures: string[] }>();
  let runs = 0;
  let failed = 0;
  let undecided = 0;
  return {
    add({ verdict, violations, trace, target: { label, version }, flavour }: RunItem): void {
      if (verdict === 'skipped') return;
      runs++;
      if (verdict === 'unknown') undecided++;
      if (verdict === 'fail') failed++;
      if (verdict === 'unknown') return;
      const broken = new Set(violations.map((violation) => signatureOf(violation, trace)));
      const key = `${label} ${version} ${flavour}`;
      const row = byProgram.get(key) ?? { label, version, flavour, ok: 0, of: 0, signatures: [] };
      row.of++;
      row.signatures.push(...broken);
      byProgram.set(key, row);
      for (const signature of broken) bySignature.set(signature, (bySignature.get(signature) ?? 0) + 1);
    },
    runs: () => runs,
    affected: (signature: string): Affected[] =>
      [...byProgram.values()].map(({ signatures, ...row }) => ({
        ...row,
        ok: signatures.filter((each) => each === signature).length,
      })),
    /** Without a signature any violation counts. */
    of: (signature: string | undefined) => ({
      ok: signature === undefined ? failed : (bySignature.get(signature) ?? 0),
      of: runs,
      undecided,
    }),
    others: (signature: string) =>
      [...bySignature]
        .filter(([other]) => other !== signature)
        .map(([other, times]) => `${other}, ${times} times`),
  };
}
