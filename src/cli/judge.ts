import { dirname, join } from 'node:path';
import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.ts';
import { keptSchema, schemaDir } from '../execute/sessions/schema-store.ts';
import { signatureOf } from '../findings/signature.ts';
import { wordsOf } from '../judge/facts/words.ts';
import { judge, rules } from '../judge/judge.ts';
import { brief, type Verdict } from '../judge/ledger.ts';
import { undecided } from '../judge/undecided.ts';
import type { QmpSchema } from '../qmp/schema.ts';
import { countDecided, type Decided, decidedText } from '../report/decided.ts';
import { openRulesTally, type RulesJudged, rulesText } from '../report/rules-tally.ts';
import { traceText } from '../report/trace-text.ts';
import { type RunVerdict, type VerdictWithReason, verdictText } from '../report/verdict-text.ts';
import { whyText } from '../report/why-text.ts';
import type { Trace } from '../trace/observation.ts';
import { readTrace, traceFiles } from '../trace/stored-trace.ts';
import { complain } from './complain.ts';
import { exitCodes } from './exit-code.ts';
import { outputOptions, printer, tool, writeJson } from './options.ts';

type Args = {
  traces: string[];
  json: string | undefined;
  why: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
};

export const judgeCommand: CommandModule<object, Args> = {
  command: 'judge <traces..>',
  describe: 'rule again on stored traces, no QEMU needed',
  builder: (yargs) =>
    outputOptions(yargs)
      .positional('traces', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'trace files (*.jsonl, *.jsonl.gz), or directories of them',
      })
      .option('why', {
        type: 'boolean',
        default: false,
        describe: 'per rule: how often it held, was broken, was undecided, and why',
      })
      .example('$0 judge traces/ --why', 'what each rule had to rule on, and what kept it from it')
      .example('$0 judge traces/', 'what `run --traces traces/` kept, by the rules of today')
      .example('$0 judge findings/3f2a/trace.jsonl --verbose', 'one trace, with everything that was seen'),
  handler: judgeTraces,
};

type Item = {
  verdicts: readonly Verdict[];
  file: string;
  ruling: VerdictWithReason;
  signatures: string[];
  bySchema: boolean;
  undecided?: string;
};

function judgeTraces(args: Args): void {
  const print = printer(args.json);
  const files = traceFiles(args.traces);
  const schemas = schemaFinder();
  const items: Item[] = [];
  const ruled = openRulesTally();
  const unreadable: string[] = [];
  for (const file of files) {
    const item = judged(file, schemas, args.verbose);
    if (!item) {
      unreadable.push(file);
      continue;
    }
    const failed = item.ruling.verdict === 'fail';
    if (failed || !args.quiet) for (const line of verdictText(item.ruling, args.color)) print(line);
    if (args.why) for (const line of whyText(item.verdicts, rules.length)) print(`      ${line}`);
    if (args.verbose) for (const line of traceText(item.ruling.trace, { all: true })) print(`    ${line}`);
    // What has been said is not kept: a directory may hold more than memory does.
    ruled.add(brief(item.verdicts));
    items.push({ ...item, verdicts: [], ruling: { ...item.ruling, trace: [] } });
  }
  for (const line of summary(items, unreadable)) print(line);
  if (args.why) for (const line of rulesText(ruled.result())) print(line);
  const outcome = { ...result(items, unreadable), ...inTable(ruled.result()) };
  if (args.json !== undefined) writeJson(args.json, outcome);
  process.exitCode = exitCode(outcome.verdict, unreadable);
}

const inTable = ({ rules, inFull, traces }: RulesJudged) => ({
  rules,
  judgedInFull: { traces: inFull, of: traces },
});

function exitCode(verdict: RunVerdict, unreadable: readonly string[]): number {
  if (verdict === 'fail') return exitCodes.finding;
  if (unreadable.length > 0) return exitCodes.usage;
  return verdict === 'unknown' ? exitCodes.environment : exitCodes.nothing;
}

/** One broken file is one line, and does not keep the others from being judged. */
function judged(file: string, schemas: SchemaFinder, verbose: boolean): Item | undefined {
  try {
    const trace = readTrace(file);
    return ruleOn(file, trace, schemas(file, trace));
  } catch (error) {
    const { message, stack } = error as Error;
    // Lines that are no observations of ours break the rules' code, wherever that reads them.
    const why =
      error instanceof UsageError ? message : `${file}: can't be judged: ${verbose ? stack : message}`;
    complain(why);
    return undefined;
  }
}

function ruleOn(file: string, trace: Trace, schema: QmpSchema | undefined): Item {
  const { violations, verdicts } = judge(trace, schema);
  const unknown = undecided(trace);
  const verdict = violations.length > 0 ? 'fail' : unknown === undefined ? 'pass' : 'unknown';
  const reasons = [
    ...(unknown !== undefined && verdict === 'unknown' ? [unknown] : []),
    ...(schema ? [] : ['not judged by schema']),
  ];
  const opened = trace[0];
  const { version, flavour } = opened?.kind === 'opened' ? opened.qemu : { version: '?', flavour: '?' };
  const name = file.replace(/(\.trace)?\.jsonl(\.gz)?$/, '');
  const reason = reasons.length === 0 ? {} : { reason: reasons.join('; ') };
  return {
    file,
    signatures: violations.map((violation) => signatureOf(violation, trace)),
    bySchema: schema !== undefined,
    verdicts,
    ...(unknown === undefined ? {} : { undecided: unknown }),
    ruling: { verdict, name, version, flavour, ...reason, trace, violations },
  };
}

/** The schema of the binary that ran: beside the trace, where `run --traces` puts it, or in this machine's cache. */
type SchemaFinder = (file: string, trace: Trace) => QmpSchema | undefined;

function schemaFinder(): SchemaFinder {
  const found = new Map<string, QmpSchema | undefined>();
  return (file, trace) => {
    const opened = trace[0];
    const hash = opened?.kind === 'opened' ? opened.qemu.schema : undefined;
    if (hash === undefined) return undefined;
    const known = found.get(hash);
    if (known) return known;
    const kept = keptSchema(hash, [join(dirname(file), 'schemas'), schemaDir()])?.schema;
    found.set(hash, kept);
    return kept;
  };
}

function summary(items: readonly Item[], unreadable: readonly string[]): string[] {
  const count = (verdict: VerdictWithReason['verdict']): number =>
    items.filter(({ ruling }) => ruling.verdict === verdict).length;
  const { total, reasons } = decidedText(decidedIn(items), 'trace');
  const parts = [`${count('pass')} passed`, `${count('fail')} failed`];
  if (unreadable.length > 0) parts.push(`${unreadable.length} unreadable`);
  const without = items.filter(({ bySchema }) => !bySchema).length;
  const lacking = without === 0 ? '' : `; ${without} not judged by schema, which is not at hand`;
  return [...reasons, `${parts.join(', ')}; ${total}${lacking}`];
}

function decidedIn(items: readonly Item[]): Decided {
  const count = countDecided();
  for (const { ruling, undecided = '' } of items) {
    if (ruling.verdict === 'unknown') count.undecided(undecided);
    else count.decided();
  }
  return count.result();
}

function result(items: readonly Item[], unreadable: readonly string[]) {
  const failed = items.some(({ ruling }) => ruling.verdict === 'fail');
  const decided = decidedIn(items);
  const unknown = unreadable.length > 0 || decided.undecided.length > 0;
  return {
    schema: 1,
    tool,
    traces: items.map(
      ({ file, signatures, bySchema, ruling: { verdict, version, flavour, reason, violations } }) => ({
        file,
        qemu: { version, flavour },
        verdict,
        bySchema,
        ...(reason === undefined ? {} : { reason }),
        violations: violations.map((violation, i) => ({
          kind: violation.rule.kind,
          rule: violation.rule.name,
          signature: signatures[i],
          at: violation.at,
          ...(violation.step === undefined ? {} : { step: violation.step }),
          text: wordsOf(violation),
          facts: violation.facts,
        })),
      }),
    ),
    unreadable,
    decided,
    verdict: failed ? ('fail' as const) : unknown ? ('unknown' as const) : ('pass' as const),
  };
}
