import type { CommandModule } from 'yargs';
import { runScenarios, type ScenarioItem } from '../../campaign/run-scenarios.ts';
import { UsageError } from '../../errors.ts';
import { signatureOf } from '../../findings/signature.ts';
import { openFindings } from '../../findings/store.ts';
import { storedAs } from '../../findings/stored-as.ts';
import { decidedText } from '../../report/decided.ts';
import { openingLines } from '../../report/opening-lines.ts';
import { scenarioMatrix } from '../../report/scenario-matrix.ts';
import { openScenarioTally, type ScenarioOutcome } from '../../report/scenario-outcome.ts';
import { type StorageKind, storageKinds } from '../../sequence/arena.ts';
import { openRunRoot } from '../../target/run-dir.ts';
import type { Flavour } from '../../trace/observation.ts';
import { storeOption } from '../findings/options.ts';
import { imagesUnjudged } from '../images-unjudged.ts';
import { onInterrupt } from '../interrupt.ts';
import { drivingOptions, outputOptions, printer, tool, writeJson } from '../options.ts';
import { programsOf } from '../programs.ts';
import { parseStorage, storageOf, storageOption } from '../storage-option.ts';
import { choiceOptions, chosen } from './options.ts';

type Args = {
  names: string[];
  corpus: string;
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  storage: string | undefined;
  findings: string;
  workers: number;
  json: string | undefined;
  quiet: boolean;
  color: boolean;
};

export const runScenario: CommandModule<object, Args> = {
  command: 'run [names..]',
  describe: 'run scenarios on every QEMU and storage that can run them, and print the results as a matrix',
  builder: (yargs) =>
    outputOptions(storeOption(drivingOptions(choiceOptions(yargs))))
      .option('storage', storageOption)
      .example('$0 scenario run --qemu 7.2.22 --qemu debian:sid', 'all of them, on two versions')
      .example('$0 scenario run cancel-* --storage file,nbd', 'some, with their images on NBD, too')
      .epilogue(
        'A scenario that fails is run three times; FLAKY means that some of these runs passed. Exit code 1: something failed or is flaky. A defect that the findings store already lists is reported as known and is no failure.',
      ),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  const scenarios = chosen(args);
  const programs = await programsOf(args.qemu, args.flavour);
  const storage = await storageToUse(args.storage, programs);
  const isKnownSignature = knownTo(args.findings);
  if (!args.quiet) for (const line of openingLines(programs, { all: false })) print(line);
  for (const line of await imagesUnjudged(programs, scenarios)) print(line);
  const root = await openRunRoot();

  const begunMs = performance.now();
  const { names, qemu, flavour, findings, corpus, workers } = args;
  const options = { names, qemu: qemu ?? null, flavour, storage, findings, corpus, workers };
  const tally = openScenarioTally(
    { tool, options, programs, startedAt: new Date(), stored: storedAs(findings) },
    isKnownSignature,
  );
  const items: ScenarioItem[] = [];
  const all = runScenarios(
    {
      sequences: scenarios,
      programs,
      storage,
      workers,
      root,
      tool,
      isKnown: ({ violations, trace }) =>
        violations.every((violation) => isKnownSignature(signatureOf(violation, trace))),
    },
    {
      ran: tally.ran,
      ruled(item) {
        items.push(item);
        tally.ruled(item);
      },
    },
  );
  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await all.kill();
    finish();
  });
  try {
    await all.finished;
  } catch (error) {
    if (interrupted) return;
    await all.kill();
    interrupted = true;
    finish();
    throw error;
  }
  if (interrupted) return; // the process ends as soon as that is done
  release();
  root.remove();
  const { verdict } = finish();
  process.exitCode = verdict === 'fail' ? 1 : verdict === 'unknown' ? 3 : 0;

  function finish(): ScenarioOutcome {
    const elapsedMs = performance.now() - begunMs;
    const outcome = tally.outcome({ elapsedMs, sessionsStarted: all.sessionsStarted(), interrupted });
    const order = scenarios.map(({ name }) => name);
    const inOrder = items.toSorted((a, b) => order.indexOf(a.scenario.name) - order.indexOf(b.scenario.name));
    for (const line of scenarioMatrix(inOrder, args)) print(line);
    for (const line of summary(outcome, scenarios.length)) print(line);
    if (args.json !== undefined) writeJson(args.json, outcome);
    return outcome;
  }
}

type Programs = Awaited<ReturnType<typeof programsOf>>;

/** Every kind that one of the QEMUs can have; a run on another one is skipped, and says why. */
async function storageToUse(asked: string | undefined, programs: Programs): Promise<StorageKind[]> {
  const kinds = parseStorage(asked);
  const targets = [...new Set(programs.map(({ target }) => target))];
  const usable = await Promise.all(targets.map((target) => storageOf(target, kinds)));
  return storageKinds.filter((kind) => usable.some((here) => here.includes(kind)));
}

/** Whether a finding of the store has that signature and is not said to be mended. UsageError: one can't be read. */
function knownTo(dir: string): (signature: string) => boolean {
  const { findings, complaints } = openFindings(dir).list();
  const [complaint] = complaints;
  if (complaint !== undefined) throw new UsageError(complaint, 'give another directory with --findings');
  const current = findings.filter(({ status }) => status !== 'fixed');
  const known = new Set(current.flatMap(({ signature, beside = [] }) => [signature, ...beside]));
  return (signature) => known.has(signature);
}

function summary(outcome: ScenarioOutcome, scenarios: number): string[] {
  const count = (verdict: ScenarioItem['verdict']): number =>
    outcome.items.filter((item) => item.verdict === verdict).length;
  const counts = (['pass', 'fail', 'flaky', 'known', 'skipped', 'unknown'] as const)
    .filter((verdict) => verdict === 'pass' || verdict === 'fail' || count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${words[verdict]}`);
  const { total, reasons } = decidedText(outcome.decided);
  const seconds = (outcome.elapsedMs / 1000).toFixed(1);
  const begun = outcome.interrupted ? 'interrupted: ' : '';
  return [
    ...reasons,
    `${begun}${scenarios} scenarios: ${counts.join(', ')}; ${total}; ${outcome.commands} commands in ${seconds} s`,
  ];
}

const words: Record<ScenarioItem['verdict'], string> = {
  pass: 'passed',
  fail: 'failed',
  flaky: 'flaky',
  known: 'known',
  skipped: 'skipped',
  unknown: 'undecided',
};
