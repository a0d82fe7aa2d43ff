import type { CommandModule } from 'yargs';
import { limits } from '../../campaign/limits.ts';
import { ablate } from '../../campaign/rating/ablate.ts';
import { openRater, type RatedProgram } from '../../campaign/rating/rater.ts';
import { UsageError } from '../../errors.ts';
import { type AblationTable, decisiveWords, verdictOf, verdictWords } from '../../findings/ablated.ts';
import { byVersion, outcomeOf } from '../../findings/affected.ts';
import type { Finding } from '../../findings/finding.ts';
import { openFindings } from '../../findings/store.ts';
import { ablations } from '../../shrink/ablation/ablation.ts';
import { listQemu } from '../../target/programs/binary.ts';
import { openRunRoot } from '../../target/run-dir.ts';
import type { Flavour } from '../../trace/observation.ts';
import { durationMs } from '../duration.ts';
import { onInterrupt } from '../interrupt.ts';
import {
  count,
  flavourOption,
  once,
  outputOptions,
  printer,
  qemuOptions,
  tool,
  writeJson,
} from '../options.ts';
import { programsOf } from '../programs.ts';
import { table as columns } from '../table.ts';
import { idArgument, storeOption } from './options.ts';

type Args = {
  id: string;
  findings: string;
  qemu: string[] | undefined;
  flavour: Flavour | 'both' | undefined;
  workers: number;
  times: number | undefined;
  time: string;
  json: string | undefined;
};

export const ablateCommand: CommandModule<object, Args> = {
  command: 'ablate <id>',
  describe: 'leave out one thing of a finding at a time, or make it ordinary: what is decisive',
  builder: (yargs) =>
    outputOptions(qemuOptions(storeOption(idArgument(yargs))))
      .option('flavour', { ...flavourOption, defaultDescription: "the finding's own" })
      .option('times', {
        type: 'number',
        requiresArg: true,
        coerce: count('times'),
        describe: 'runs of each variant',
        defaultDescription: '5 where the finding always shows, else as many as miss it once in twenty times',
      })
      .option('time', {
        type: 'string',
        default: '10m',
        requiresArg: true,
        coerce: once<string>('time'),
        describe: 'how long: 90s, 10m, 2h',
      })
      .example('$0 findings ablate 3f2a', 'on the newest QEMU that shows it; the finding keeps the table')
      .epilogue('Exit codes: 0 the table is made; 2 the finding does not show there, or wrong usage.'),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  const deadlineMs = durationMs('--time', args.time);
  const store = openFindings(args.findings);
  const stored = store.read(args.id);
  const { finding } = stored;
  const sequence = stored.sequence();
  const program = await programFor(finding, args);
  const isHang = finding.kind === 'hang';
  const root = await openRunRoot();
  const variants = ablations(sequence);
  const where = `${program.target.version} ${program.flavour}`;
  const each = args.times === undefined ? '' : `, ${args.times} runs each`;
  print(`${finding.id} on ${where}: ${variants.length} variants${each}, ${args.time} at most`);
  // Which variant hangs is seen in a hurry; that the finding does was seen with the whole deadlines.
  const deadlineScale = isHang ? limits.hangDeadlineScale : 1;
  const rater = openRater({ workers: args.workers, root, tool, deadlineScale });
  let last: AblationTable | undefined;
  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await rater.kill();
    finish();
  });
  try {
    const rated = { sequence, signature: finding.signature, trace: stored.trace(), isHang };
    const mustRefuse = finding.reach === 'invalid-commands';
    const times = args.times === undefined ? {} : { times: args.times };
    const plan = { rated, ablations: variants, mustRefuse, program, rater, deadlineMs, ...times };
    for await (const soFar of ablate(plan)) {
      last = soFar;
      const { ok, of, what } = soFar.rows.at(-1) ?? { ...soFar.whole, what: 'as it is' };
      print(`${`${ok}/${of}`.padEnd(6)}${what}`);
    }
  } catch (error) {
    if (interrupted) return; // the process ends as soon as that is done
    throw error;
  } finally {
    if (!interrupted) await rater.close();
  }
  release();
  root.remove();
  if (!last)
    throw new UsageError(
      `${finding.id}: the finding does not show on ${where}`,
      '--qemu with one that shows it',
    );
  finish();

  function finish(): void {
    if (!last) return;
    store.setAblation(finding.id, last);
    print(text(last));
    if (args.json !== undefined)
      writeJson(args.json, { schema: 1, tool, id: finding.id, interrupted, ...last });
  }
}

/** Where nothing is asked for: the newest QEMU here that is known to show it, in the finding's flavour if that does. */
async function programFor(finding: Finding, { qemu, flavour }: Args): Promise<RatedProgram> {
  if (qemu !== undefined) return first(await programsOf(qemu, flavour ?? finding.flavour));
  const here = await listQemu();
  const showing = finding.affected
    .filter((row) => outcomeOf(row) === 'shows' && here.some(({ label }) => label === row.label))
    .filter((row) => flavour === undefined || flavour === 'both' || row.flavour === flavour)
    .sort(byVersion);
  const newest = showing.filter(({ version }) => version === showing.at(-1)?.version);
  const row = newest.find((each) => each.flavour === finding.flavour) ?? newest[0];
  return first(await programsOf(row && [row.label], row?.flavour ?? flavour ?? finding.flavour));
}

function first(programs: readonly RatedProgram[]): RatedProgram {
  const [program] = programs;
  if (!program) throw new Error('unreachable: programsOf gives one at least');
  return program;
}

function text(table: AblationTable): string {
  const rows = table.rows.map((row) => [
    `${row.ok}/${row.of}`,
    verdictWords[verdictOf(row, table)],
    row.what,
    row.refused ?? row.how ?? '',
  ]);
  const cut = table.untried === undefined ? [] : [`${table.untried} not tried: the time was over`];
  return [
    columns([['SHOWS', '', 'WITH THIS CHANGE', 'INSTEAD'], ...rows]),
    ...cut,
    decisiveWords(table),
  ].join('\n');
}
