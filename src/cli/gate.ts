import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { openFindings } from '../findings/store.ts';
import { fixedRows } from '../gate/fixed-rows.ts';
import { gate } from '../gate/gate.ts';
import { codeQualityText } from '../report/gate-code-quality.ts';
import { githubAnnotations, githubSummary } from '../report/gate-github.ts';
import { junitText } from '../report/gate-junit.ts';
import { gateHeader, gateSummary } from '../report/gate-lines.ts';
import { type AboutGate, type GateOutcome, gateOutcome } from '../report/gate-outcome.ts';
import { openGateTally } from '../report/gate-tally.ts';
import { tapText } from '../report/gate-tap.ts';
import { openingLines } from '../report/opening-lines.ts';
import { openRunRoot } from '../target/run-dir.ts';
import { complain } from './complain.ts';
import { exitCodes } from './exit-code.ts';
import { storeOption } from './findings/options.ts';
import { begunOutcome } from './gate/begun.ts';
import { type Form, type GateFiles, jsonText, openGateFiles } from './gate/files.ts';
import { type GateLab, openGateLab } from './gate/lab.ts';
import { type PlanArgs, type Planned, planOf } from './gate/plan.ts';
import { gateProgress } from './gate/progress.ts';
import { onInterrupt } from './interrupt.ts';
import {
  flavourOption,
  once,
  outputOptions,
  printer,
  sessionOptions,
  tool,
  writableFile,
} from './options.ts';
import { storageOption } from './storage-option.ts';
import { writableDir } from './writable-dir.ts';

type Args = PlanArgs & {
  out: string;
  'dry-run': boolean;
  'update-baseline': boolean;
  queue: string | undefined;
  json: string | undefined;
  junit: string | undefined;
  'code-quality': string | undefined;
  tap: string | undefined;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
};

export const gateCommand: CommandModule<object, Args> = {
  command: 'gate',
  describe:
    'may this QEMU be released: scenarios, regressions, stored findings and a hunt, beside a baseline',
  builder: (yargs) =>
    outputOptions(storeOption(sessionOptions(yargs)))
      .option('candidate', {
        ...text('candidate', 'the QEMU in question, as of --qemu elsewhere'),
        demandOption: true,
      })
      .option('baseline', text('baseline', 'an older QEMU that is run beside it'))
      .option('time', text('time', 'budget: 3m, 10m, 2h', '10m'))
      .option('sequences', {
        ...({ type: 'number', requiresArg: true, coerce: once<number>('sequences') } as const),
        describe: 'end the hunt after that many sequences',
      })
      .option('seed', text('seed', 'of the hunt; always printed'))
      .option('flavour', flavourOption)
      .option('storage', storageOption)
      .option('properties', text('properties', 'what the hunt draws from: NAME,…', 'all'))
      .option('corpus', {
        ...text('corpus', 'scenarios, regressions, and what the hunt varies'),
        default: './corpus',
      })
      .option('config', text('config', 'the policy', 'mirrorfuzz.config.json'))
      .option('fail-on', text('fail-on', 'what fails it: new, worse, scenario, regression', 'all of them'))
      .option('out', {
        ...text('out', 'gate.json, traces and findings of what fails'),
        default: './gate-report',
      })
      .option('junit', form('junit', 'write JUnit XML for CI servers'))
      .option('code-quality', form('code-quality', "write GitLab's code-quality report"))
      .option('tap', form('tap', 'write TAP; - is stdout'))
      .option('update-baseline', {
        type: 'boolean',
        default: false,
        describe: 'note in the findings store which known ones the candidate shows no more',
      })
      .option('queue', {
        ...text(
          'queue',
          'the workers of a lab carry it out (mirrorfuzz worker): redis://HOST, rediss://, unix://',
        ),
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'print plan and cost, and run nothing',
      })
      .example('$0 gate --candidate build/ --baseline 10.0.13', 'a build tree against a release')
      .example('$0 gate --candidate debian:sid --time 3m', 'against what findings/ knows alone')
      .epilogue(
        'Exit codes: 0 pass; 1 the gate fails; 2 wrong usage; 3 unknown: too little was decided; 130 interrupted. What fails is shown again by a sequential test first; docs/gate.md states its error rates.',
      ),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const isToStdout = [args.json, args.junit, args['code-quality'], args.tap].includes('-');
  const print = printer(isToStdout ? '-' : undefined);
  const outDir = args['dry-run'] ? args.out : writableDir('out', args.out);
  const files = openGateFiles(outDir, formsOf(args), () => performance.now());
  const lab = args.queue === undefined ? undefined : await openGateLab(args.queue, print);
  const plan = args['dry-run'] ? await planOf(args, lab?.sides) : await planAfterReport(args, files, lab);
  const about = aboutOf(args, plan, outDir);
  const programs = plan.hunt.programs;
  const findings = plan.stored.length;
  if (!args.quiet || args['dry-run']) {
    if (lab) print(`the workers at ${lab.connection.shown} carry it out`);
    else for (const line of openingLines(programs, { all: false })) print(line);
    for (const line of gateHeader(about, { ...plan, findings, findingsDir: args.findings })) print(line);
  }
  if (args['dry-run']) return lab?.connection.close();

  const begunMs = performance.now();
  const nowMs = (): number => performance.now() - begunMs;
  const root = await openRunRoot();
  const tally = openGateTally(nowMs);
  const { budgetMs } = plan.division;
  const progress = gateProgress({
    ...args,
    print,
    budgetMs,
    nowMs,
    state: tally.state,
    toStderr: isToStdout,
  });
  const stop = new AbortController();
  const outcomeNow = (complete: boolean): GateOutcome =>
    gateOutcome(tally.state(), about, { elapsedMs: nowMs(), complete, interrupted: stop.signal.aborted });
  const warn = (message: string): void => tally.hear({ kind: 'warning', message });
  for (const message of plan.warnings) warn(message);
  const crew = await lab?.crew(plan, warn);

  let finished: Promise<void> = Promise.resolve();
  const release = onInterrupt(
    async () => {
      stop.abort();
      await finished.catch(() => {});
      finish(false);
    },
    { SIGINT: 130, SIGTERM: 130, SIGHUP: 130 },
  );
  finished = listen();
  try {
    await finished;
  } catch (error) {
    if (stop.signal.aborted) return;
    finish(false);
    throw error;
  }
  if (stop.signal.aborted) return; // the process ends as soon as that is reported
  release();
  const outcome = finish(true);
  if (args['update-baseline']) updateBaseline();
  root.remove();
  lab?.connection.close();
  process.exitCode = { pass: exitCodes.nothing, fail: exitCodes.finding, unknown: exitCodes.environment }[
    outcome.verdict
  ];

  async function listen(): Promise<void> {
    for await (const event of gate({ ...plan, root, ...(crew ? { crew } : {}) }, stop.signal)) {
      tally.hear(event);
      if (event.kind === 'ruled') files.keep(event.result);
      const item = event.kind === 'ruled' ? outcomeNow(false).items.at(-1) : undefined;
      progress.hear(event, item);
      files.progress(() => outcomeNow(false));
    }
  }

  function finish(complete: boolean): GateOutcome {
    progress.end();
    const outcome = outcomeNow(complete);
    files.end(outcome);
    tellGithub(outcome, print);
    for (const line of gateSummary(outcome, { color: args.color && process.stdout.isTTY })) print(line);
    return outcome;
  }

  function updateBaseline(): void {
    const store = openFindings(args.findings);
    for (const { id, rows } of fixedRows(tally.state().results)) {
      store.setAffected(id, rows);
      print(`baseline: ${id} no longer shows on ${plan.sides.candidate.version}`);
    }
  }
}

/** From here on whatever ends the gate leaves a report that says so. */
async function planAfterReport(args: Args, files: GateFiles, lab: GateLab | undefined): Promise<Planned> {
  const begun = begunOutcome(args, new Date());
  const release = onInterrupt(async () => files.end(begun), { SIGINT: 130, SIGTERM: 130, SIGHUP: 130 });
  files.progress(() => begun);
  try {
    return await planOf(args, lab?.sides);
  } finally {
    release();
  }
}

function aboutOf(args: Args, plan: Planned, outDir: string): AboutGate {
  const { candidate, baseline } = args;
  const { policy, division, hunt } = plan;
  return {
    tool,
    options: {
      candidate,
      baseline: baseline ?? null,
      timeMs: division.budgetMs,
      sequences: args.sequences ?? null,
      flavours: plan.flavours,
      storage: hunt.programs[0]?.storage ?? [],
      properties: hunt.properties,
      findings: args.findings,
      corpus: args.corpus,
      workers: args.workers,
      policy,
    },
    sides: plan.sides,
    specs: { candidate, ...(baseline === undefined ? {} : { baseline }) },
    flavours: plan.flavours,
    division,
    policy,
    seed: hunt.seed,
    startedAt: new Date(),
    keptIn: (id) => join(outDir, 'findings', id),
  };
}

function formsOf(args: Args): Form[] {
  const forms = { json: jsonText, junit: junitText, 'code-quality': codeQualityText, tap: tapText };
  return Object.entries(forms).flatMap(([option, text]): Form[] => {
    const file = args[option as keyof typeof forms];
    return file === undefined ? [] : [{ file, text }];
  });
}

/** What GitHub Actions shows beside the code and on the run's page, where this is one. */
function tellGithub(outcome: GateOutcome, print: (text: string) => void): void {
  if (process.env.GITHUB_ACTIONS !== 'true') return;
  for (const line of githubAnnotations(outcome)) print(line);
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary === undefined || summary === '') return;
  try {
    appendFileSync(summary, githubSummary(outcome));
  } catch (error) {
    complain(`can't write the step summary: ${(error as Error).message}`);
  }
}

function form(name: string, describe: string) {
  return { type: 'string', requiresArg: true, coerce: writableFile(name), describe } as const;
}

function text(name: string, describe: string, defaultDescription?: string) {
  return {
    type: 'string',
    requiresArg: true,
    coerce: once<string>(name),
    describe,
    ...(defaultDescription === undefined ? {} : { defaultDescription }),
  } as const;
}
