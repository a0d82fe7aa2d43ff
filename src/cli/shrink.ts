import { writeFileSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { checkBlock } from '../campaign/discoveries/block-checks.ts';
import { recordToldApart, type Telling, unsureWords } from '../campaign/discoveries/told-apart.ts';
import { seenByGdb } from '../campaign/explain/seen-by-gdb.ts';
import { limits } from '../campaign/limits.ts';
import { type SoFar, shrinkAgain } from '../campaign/shrink-again.ts';
import { EnvironmentError, UsageError } from '../errors.ts';
import { openFindings } from '../findings/store.ts';
import { printableLines } from '../printable.ts';
import { printSequence } from '../sequence/print.ts';
import { shownAt } from '../shrink/readable/closing-commands.ts';
import { doubts, doubtsOfShown } from '../shrink/readable/doubts.ts';
import type { ShrinkProgress } from '../shrink/shrink.ts';
import { bySimplicity } from '../shrink/simplicity.ts';
import { openRunRoot } from '../target/run-dir.ts';
import { durationMs } from './duration.ts';
import { imagesUnjudged } from './images-unjudged.ts';
import { onInterrupt } from './interrupt.ts';
import { once, tool, writableFile } from './options.ts';
import { programsOf } from './programs.ts';
import { readSubject, type Subject, traceOf } from './subject.ts';
import { type SubjectArgs, subjectOptions } from './subject-options.ts';

type Args = SubjectArgs & { time: string; output: string | undefined; record: boolean | undefined };

export const shrinkCommand: CommandModule<object, Args> = {
  command: 'shrink <finding>',
  describe: 'minimise again, harder',
  builder: (yargs) =>
    subjectOptions(yargs)
      .option('time', {
        type: 'string',
        default: '60s',
        requiresArg: true,
        coerce: once<string>('time'),
        describe: 'how long: 90s, 10m, 2h',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        coerce: writableFile('output'),
        describe: 'file for the minimal sequence',
        defaultDescription: 'the finding itself; of a file, stdout',
      })
      .option('record', {
        type: 'boolean',
        conflicts: 'output', // which any default would be, too
        describe: 'of a sequence file: store what it breaks as a finding',
      })
      .example('$0 shrink 3f2a --time 5m', 'five more minutes for a finding')
      .example('$0 shrink long.json -o short.json', 'whatever rule that sequence breaks, in fewer steps')
      .example('$0 shrink long.json --record', 'the same, as a finding of ./findings'),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const deadlineMs = durationMs('--time', args.time);
  const subject = readSubject(args.finding, args.findings);
  const { sequence, finding } = subject;
  if (finding && subject.store === undefined && args.output === undefined) {
    throw new UsageError(
      `${args.finding}: not in a directory of findings, so it can't be rewritten`,
      '-o FILE',
    );
  }
  const programs = await programsOf(args.qemu, args.flavour ?? finding?.flavour ?? 'both');
  for (const line of await imagesUnjudged(programs, [subject])) say(line);
  const root = await openRunRoot();
  const shrinking = shrinkAgain(
    {
      sequence,
      programs,
      lanes: args.workers,
      deadlineMs,
      root,
      tool,
      ...(finding ? { signature: finding.signature } : {}),
    },
    (progress) => say(progressLine(progress)),
  );
  const isHang = (finding?.kind ?? 'hang') === 'hang';
  if (isHang)
    say(
      `where it hangs, this may take twice the ${args.time}: hangs are shrunk in haste, and shown again with patience`,
    );
  const over = deadline((isHang ? 2 : 1) * deadlineMs + limits.overtimeMs, shrinking.kill);
  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await shrinking.kill();
    const soFar = shrinking.soFar();
    if (soFar) await finish(soFar, nothingSeen);
  });
  let failure: unknown;
  try {
    await Promise.race([shrinking.finished, over.passed]);
  } catch (error) {
    if (!interrupted && !over.isPassed()) {
      failure = error;
      await shrinking.kill();
    }
  } finally {
    over.clear();
  }
  if (interrupted) return; // the process ends as soon as that is done
  release();
  const soFar = shrinking.soFar();
  if (!soFar && over.isPassed())
    throw new UsageError(
      `${subject.name}: ${args.time} were over before it was shown once`,
      'a longer --time',
    );
  if (!soFar) throw failure ?? new UsageError(nothingShown(subject, programs, shrinking.undecided()));
  const recorded = await finish(soFar, over.isPassed() ? nothingSeen : seeOn(soFar));
  root.remove();
  if (recorded !== undefined && !over.isPassed())
    await checkBlock(openFindings(recorded.store), recorded.id, soFar.program.target);
  if (over.isPassed()) process.exit(); // what was being tried may sit in a pause yet
  if (failure) throw failure; // what was reached by then is kept

  function seeOn({ program, signature }: SoFar): Telling['see'] {
    const on = { ...program, root, tool, deadlineMs: limits.gdbAtRecordMs };
    return (candidate) => seenByGdb(candidate, signature, on);
  }

  async function finish(soFar: SoFar, see: Telling['see']): Promise<RecordedIn | undefined> {
    const isSmaller = isBetterThan(subject, soFar);
    const { reproduced, executions, program } = soFar;
    const steps = `${sequence.steps.length} -> ${soFar.sequence.steps.length} steps`;
    const where = `${program.target.version} ${program.flavour}`;
    say(
      `${soFar.signature}\n${isSmaller ? steps : 'nothing smaller found'}; reproduced ${reproduced.ok}/${reproduced.of} on ${where}; ${executions} runs`,
    );
    return keep(args.record ? { ...subject, store: args.findings } : subject, soFar, {
      isSmaller,
      file: args.output,
      see,
    });
  }
}

/** There is no time left to look. */
const nothingSeen: Telling['see'] = async () => [];

/** When that has passed, `end` is called, and then `passed` resolves. */
function deadline(ms: number, end: () => Promise<void>) {
  let isPassed = false;
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      isPassed = true;
      void end().finally(resolve);
    }, ms);
  });
  return { passed, isPassed: () => isPassed, clear: () => clearTimeout(timer) };
}

/** With fewer doubts, or as many and simpler. Of a file nobody knows where it showed. */
function isBetterThan(subject: Subject, { sequence, trace, violation }: SoFar): boolean {
  const { finding } = subject;
  const before = finding
    ? doubtsOfShown(subject.sequence, shownAt(traceOf(subject), finding.kind, finding.violation))
    : doubts(subject.sequence);
  const now = finding
    ? doubtsOfShown(sequence, shownAt(trace, violation.rule.kind, violation))
    : doubts(sequence);
  return now === before ? bySimplicity(sequence, subject.sequence) < 0 : now < before;
}

type RecordedIn = { store: string; id: string };

/** To the file asked for; else into the store, a finding where it became smaller; of a file stdout has the sequence. */
async function keep(
  subject: Subject,
  soFar: SoFar,
  to: { isSmaller: boolean; file: string | undefined; see: Telling['see'] },
): Promise<RecordedIn | undefined> {
  const { finding, store } = subject;
  const text = printSequence(soFar.sequence);
  if (to.file !== undefined && to.file !== '-') write(to.file, text);
  else if (to.file === '-' || store === undefined) process.stdout.write(text);
  else if (!finding || to.isSmaller) return record(store, soFar, subject, to.see);
  return undefined;
}

/** A sequence that somebody wrote was found by no hunt: it has no seed, and nobody has told it from others yet. */
async function record(
  store: string,
  soFar: SoFar,
  { finding, sequence }: Subject,
  see: Telling['see'],
): Promise<RecordedIn> {
  const findings = openFindings(store);
  const {
    target: { label, version, path },
    flavour,
  } = soFar.program;
  const found = {
    ...soFar,
    rule: soFar.violation.rule,
    firstSeenMs: finding?.firstSeenMs ?? 0,
    qemu: { label, version, path, flavour },
    seed: finding?.seeds.at(-1) ?? '',
    tool,
    original: finding ? findings.read(finding.id).original() : sequence,
    times: finding ? 0 : 1,
  };
  if (finding) return { store, id: findings.record(found).id };
  const { id, unsure } = await recordToldApart(findings, found, { isMinimal: soFar.isMinimal, see });
  say(`recorded as ${id}: mirrorfuzz findings show ${id}`);
  if (unsure !== undefined) say(unsureWords(id, unsure));
  return { store, id };
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new EnvironmentError(
      `can't write ${file}: ${(error as Error).message}`,
      'give --output another file',
    );
  }
}

/** People read stderr; stdout is the sequence. */
const say = (text: string): void => void process.stderr.write(`${printableLines(text)}\n`);

function progressLine({ sequence, pass, executions, rate }: ShrinkProgress): string {
  const steps = `${sequence.steps.length} steps`.padStart(9);
  return `${steps}  ${`${executions} runs`.padStart(10)}  rate ${rate.ok}/${rate.of}  ${pass}`;
}

function nothingShown(
  { name, finding }: Subject,
  programs: Awaited<ReturnType<typeof programsOf>>,
  undecided: string | undefined,
): string {
  const where = programs.map(({ target, flavour }) => `${target.version} ${flavour}`).join(' and on ');
  return `${name}: ${finding ? 'the finding does not show' : 'no rule is broken'} on ${where}, so there is nothing to shrink${undecided === undefined ? '' : ` (${undecided})`}`;
}
