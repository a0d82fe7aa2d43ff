import type { CommandModule } from 'yargs';
import { openRater } from '../../campaign/rating/rater.ts';
import { type Rechecked, recheck } from '../../campaign/rating/recheck.ts';
import { type Affected, outcomeOf } from '../../findings/affected.ts';
import { limits } from '../../findings/limits.ts';
import { openFindings } from '../../findings/store.ts';
import { recheckedLine, recheckOutcome } from '../../report/rechecked.ts';
import { listQemu } from '../../target/programs/binary.ts';
import { openRunRoot } from '../../target/run-dir.ts';
import type { Flavour } from '../../trace/observation.ts';
import { complain } from '../complain.ts';
import { exitCodes } from '../exit-code.ts';
import { onInterrupt } from '../interrupt.ts';
import { count, flavourOption, outputOptions, printer, qemuOptions, tool, writeJson } from '../options.ts';
import { programsOf } from '../programs.ts';
import { storeOption } from './options.ts';

type Args = {
  ids: string[] | undefined;
  findings: string;
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  workers: number;
  times: number | undefined;
  record: boolean;
  json: string | undefined;
};

export const recheckCommand: CommandModule<object, Args> = {
  command: 'recheck [ids..]',
  describe: 'every finding on every QEMU: which versions show it, and what has changed',
  builder: (yargs) =>
    outputOptions(qemuOptions(storeOption(yargs)))
      .positional('ids', {
        type: 'string',
        array: true,
        describe: 'only these findings, by their ids or the first digits of them',
      })
      .option('flavour', { ...flavourOption, default: 'both' as const })
      .option('times', {
        type: 'number',
        requiresArg: true,
        coerce: count('times'),
        describe: 'runs on each QEMU in each flavour',
        defaultDescription: `${limits.rateRunsMin}, and ${limits.rateRunsInDoubt} where those do not all say the same`,
      })
      .option('record', {
        type: 'boolean',
        default: false,
        describe: 'store what came of it; without it nothing is changed',
      })
      .example('$0 findings recheck', 'on every QEMU of `qemu list`')
      .example('$0 findings recheck --qemu build/ --record', 'what a new build has mended')
      .epilogue(
        'Exit codes: 1 at least one finding shows; 0 none does; 3 nothing could be decided, or the machine failed; 2 wrong usage.',
      ),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  const store = openFindings(args.findings);
  const { findings, complaints } = store.list();
  for (const each of complaints) complain(each);
  const wanted = args.ids?.map((id) => store.read(`${id}`).finding.id);
  const chosen = findings.filter(
    ({ id }) => wanted === undefined || wanted.length === 0 || wanted.includes(id),
  );
  if (chosen.length === 0) return print(`no findings in ${args.findings}`);
  const programs = await programsOf(args.qemu ?? (await listQemu()).map(({ label }) => label), args.flavour);
  const root = await openRunRoot();
  const rater = openRater({ workers: args.workers, root, tool });
  const seen: Rechecked[] = [];
  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await rater.kill();
    finish();
  });
  try {
    const all = chosen.map(({ id }) => store.read(id));
    const times = args.times === undefined ? {} : { times: args.times };
    for await (const each of recheck(all, programs, { rater, ...times })) {
      if (interrupted) return;
      seen.push(each);
      print(recheckedLine(each));
      if (args.record && isLastOf(each)) keep(each.finding.id);
    }
  } catch (error) {
    if (interrupted) return; // the process ends as soon as that is done
    throw error;
  } finally {
    if (!interrupted) await rater.close();
  }
  release();
  root.remove();
  process.exitCode = finish();

  /** A finding is written once it was tried on all of them. */
  function isLastOf({ program }: Rechecked): boolean {
    return program === programs.at(-1);
  }

  function keep(id: string): void {
    const rows = seen.flatMap(({ finding, row }): Affected[] =>
      finding.id === id && row !== undefined && mayBeKept(row) ? [row] : [],
    );
    if (rows.length === 0) return;
    const { status, fixedIn } = store.setAffected(id, rows);
    if (status === 'fixed' && fixedIn !== undefined) print(`${id}  fixed in ${fixedIn}`);
  }

  function finish(): number {
    const outcome = recheckOutcome(seen, { tool, interrupted, unreadable: complaints });
    if (args.json !== undefined) writeJson(args.json, outcome);
    for (const line of outcome.summary) print(line);
    if (complaints.length > 0) return exitCodes.usage;
    if (outcome.verdict === 'unknown') return exitCodes.environment;
    return outcome.verdict === 'fail' ? exitCodes.finding : exitCodes.nothing;
  }
}

/** A rate rests on ten runs at least, whatever `--times` says; that something lacks needs one. */
const mayBeKept = (row: Affected): boolean => outcomeOf(row) === 'lacks' || row.of >= limits.rateRunsMin;
