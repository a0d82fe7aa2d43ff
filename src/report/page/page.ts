import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { impactOfKind, impactWords } from '../../findings/impact.ts';
import { reachWords } from '../../findings/reach.ts';
import { type StoredFinding, storedFinding } from '../../findings/stored.ts';
import { wordsOf } from '../../judge/facts/words.ts';
import { judge } from '../../judge/judge.ts';
import type { FindingKind } from '../../judge/rule.ts';
import type { ComparisonHead, Detail, FindingHead, Page } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import type { Trace } from '../../trace/observation.ts';
import { unpackTrace } from '../../trace/packed.ts';
import { argumentTable } from './argument-table.ts';
import { coverageGrid } from './coverage-grid.ts';
import { diffPage } from './diff-page.ts';
import { diskMapOf } from './disk-map.ts';
import { findingDetail, findingHead } from './finding-page.ts';
import type { Found, Result } from './result-file.ts';
import { ruleCounts, rulesOf, rulesOfVerdicts } from './rules-table.ts';
import { sideBySide } from './side-by-side.ts';
import type { Source } from './sources.ts';
import { timelineOf } from './timeline.ts';
import { transitionGrid } from './transition-grid.ts';
import { countOf, impactLines, verdictOf } from './verdict.ts';

/** Details are made when they are asked for: a summary has none. */
export type WholePage = { page: Page; details: (() => Detail)[] };

/** One page of several sources: a part for each, whose details stand in one list. */
export function pagesOf(
  sources: readonly Source[],
  store: string,
): { pages: Page[]; details: (() => Detail)[] } {
  const details: (() => Detail)[] = [];
  const pages = sources.map((source) => {
    const made = pageOf(source, store);
    const from = details.length;
    details.push(...made.details);
    const { findings, trace, comparisons } = made.page;
    return {
      ...made.page,
      ...(comparisons
        ? {
            comparisons: comparisons.map((each) =>
              each.detail === undefined ? each : { ...each, detail: each.detail + from },
            ),
          }
        : {}),
      findings: findings.map((head) =>
        head.detail === undefined ? head : { ...head, detail: head.detail + from },
      ),
      ...(trace ? { trace: { ...trace, detail: trace.detail + from } } : {}),
    };
  });
  return { pages, details };
}

/** The page of one source. `store`: where findings may be that a result names without saying where. */
export function pageOf(source: Source, store: string): WholePage {
  switch (source.is) {
    case 'result':
      return resultPage(source.result, source.file, store);
    case 'diff':
      return diffPage(source.diff, source.file);
    case 'store':
      return storePage(source.findings, source.dir, source.complaints);
    case 'finding':
      return storePage([source.stored], source.stored.dir, []);
    case 'trace':
      return tracePage(source.trace, source.file);
  }
}

function storePage(
  findings: readonly StoredFinding[],
  dir: string,
  complaints: readonly string[],
): WholePage {
  const news = findings.filter(({ finding }) => finding.status === 'new').length;
  const [only] = findings;
  const heads = findings.map(({ finding }, i) => ({ ...findingHead(finding), detail: i }));
  return {
    page: {
      title:
        only && findings.length === 1
          ? `${only.finding.id}: ${printable(only.finding.title)}`
          : `Findings in ${printable(dir)}`,
      verdict:
        findings.length === 0
          ? {
              is: 'unknown',
              words: 'No findings',
              why: ['The store holds none: that is no verdict on any QEMU.'],
            }
          : {
              is: 'fail',
              words: countOf(findings.length, 'finding'),
              why: [...impactLines(heads), newsWords(news, heads.length)],
            },
      facts: [['store', printable(dir)]],
      findings: heads,
      notes: complaints.map(printable),
    },
    details: findings.map((stored) => () => findingDetail(stored)),
  };
}

function newsWords(news: number, all: number): string {
  if (all === 1) return news === 0 ? 'It is not new.' : 'It is new.';
  return news === 0 ? 'None is new.' : `${news} of them new.`;
}

function resultPage(result: Result, file: string, store: string): WholePage {
  const details: (() => Detail)[] = [];
  const findings = result.findings.map((found): FindingHead => {
    const stored = storedAt([found.path, join(store, found.id)], found.id);
    if (!stored)
      return {
        ...foundHead(found),
        note: `No more of it is here: neither ${found.path || 'its path'} nor ${join(store, found.id)} is a finding.`,
      };
    return {
      ...findingHead(stored.finding),
      reproduced: found.reproduced,
      detail: details.push(() => findingDetail(stored)) - 1,
    };
  });
  const comparisons = comparisonsOf(result, file, details);
  return {
    page: {
      title: printable(file),
      verdict: verdictOf(result, findings),
      facts: factsOf(result),
      findings,
      ...(comparisons.length > 0 ? { comparisons } : {}),
      ...exercisedOf(result),
      ...(result.rules ? { rules: rulesOf(result.rules) } : {}),
      ...(result.items
        ? {
            items: result.items.map((item) => ({
              name: printable(item.name),
              verdict: printable(item.verdict),
              ok: item.ok,
              of: item.of,
              reason: printable(item.reason ?? ''),
              qemu: printable(item.qemu),
            })),
          }
        : {}),
      notes: [
        ...result.warnings,
        ...result.without.map(({ thing, reason }) => `without ${thing}: ${reason}`),
        ...(result.workersLost.length > 0
          ? [
              `${countOf(result.workersLost.length, 'worker')} died and ${result.workersLost.length === 1 ? 'was' : 'were'} replaced`,
            ]
          : []),
      ].map(printable),
    },
    details,
  };
}

/** Of a gate: what fails, on the candidate beside the baseline. */
function comparisonsOf({ items = [] }: Result, file: string, details: (() => Detail)[]): ComparisonHead[] {
  return items.flatMap(({ name, title, reason, runs }) => {
    if (!runs) return [];
    const made = (): Detail =>
      sideBySide(runs.map(({ on, trace }) => ({ on, trace: unpackTrace(trace, `${file}: ${name}, ${on}`) })));
    const rows = [{ on: 'fails', value: printable(reason ?? '') }];
    const heads = { title: printable(name), subject: printable(title || name) };
    return [{ ...heads, rows, detail: details.push(made) - 1 }];
  });
}

/** What was exercised, and when. */
function exercisedOf({ coverage = {}, history }: Result): Partial<Page> {
  const { triples, transitions, values, byVersion = [] } = coverage;
  return {
    ...(triples ? { coverage: coverageGrid(triples) } : {}),
    ...(transitions ? { transitions: transitionGrid(transitions) } : {}),
    ...(byVersion.length > 1
      ? {
          byVersion: byVersion.map((each) => ({
            version: printable(each.version),
            coverage: coverageGrid(each.triples),
            transitions: transitionGrid(each.transitions),
            ...(each.values ? { values: argumentTable(each) } : {}),
            ...(each.rules ? { rules: ruleCounts(each.rules) } : {}),
          })),
        }
      : {}),
    ...(values ? { values: argumentTable(coverage) } : {}),
    ...(history && history.length > 1 ? { history } : {}),
  };
}

function factsOf(result: Result): [string, string][] {
  const seconds = result.elapsedMs / 1000;
  const rate = seconds > 0 ? ` (${(result.sequences / seconds).toFixed(1)} a second)` : '';
  const { candidate, baseline, machine } = result;
  const rows: [string, string | undefined][] = [
    [
      'QEMU',
      [
        ...new Set(
          result.qemu.map(
            ({ label, version, flavour }) =>
              `${label === version ? version : `${label}, ${version}`} ${flavour}`,
          ),
        ),
      ].join('; '),
    ],
    ['candidate', candidate],
    ['baseline', candidate === undefined ? undefined : (baseline ?? 'none')],
    ['sequences', `${result.sequences}${rate}`],
    ['commands', `${result.commands}`],
    ['guest writes', `${result.guestWrites}`],
    ['faults injected', `${result.faultsInjected}`],
    ['QEMU restarted', `${result.restarts} times`],
    ['time', `${seconds.toFixed(1)} s`],
    ['began', result.startedAt],
    ['seed', result.seed === undefined || result.seed === null ? undefined : `${result.seed}`],
    [
      'features seen',
      typeof result.coverage?.features === 'number' ? `${result.coverage.features}` : undefined,
    ],
    ['confinement', result.confinement?.text],
    [
      'machine',
      machine &&
        `${machine.cpus} x ${machine.model}, ${(machine.memoryMiB / 1024).toFixed(1)} GiB, ${machine.system}`,
    ],
    ['tool', `${result.tool.name} ${result.tool.version}`],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, printable(value)] as [string, string]],
  );
}

function foundHead(found: Found): FindingHead {
  const impact = found.impact ?? impactOfKind(found.kind as FindingKind);
  return {
    id: printable(found.id),
    title: printable(found.title),
    impact,
    impactWords: impactWords[impact],
    reach: found.reach ?? 'unknown',
    reachWords: found.reach === undefined ? 'Reach unknown' : reachWords[found.reach],
    rule: printable(found.rule),
    status: found.known ? 'known' : 'new',
    steps: found.steps,
    reproduced: found.reproduced,
    met: found.count ?? 1,
    affected: found.qemu.map((label) => ({
      version: printable(label),
      flavour: '',
      label: printable(label),
      outcome: 'shows',
      words: 'shows',
    })),
  };
}

function storedAt(dirs: readonly string[], id: string): StoredFinding | undefined {
  for (const dir of dirs) {
    if (dir === '' || !existsSync(join(dir, 'finding.json'))) continue;
    try {
      const stored = storedFinding(dir);
      if (stored.finding.id === id) return stored;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return undefined;
}

/** Judged by today's rules, without the schema of its QEMU. */
function tracePage(trace: Trace, file: string): WholePage {
  const { violations, verdicts } = judge(trace);
  const [opened] = trace;
  const { qemu, sequence, startedAt, tool } =
    opened?.kind === 'opened' ? opened : ({} as Partial<Extract<Trace[number], { kind: 'opened' }>>);
  const moments = violations.map((each) => ({
    line: each.at,
    rule: each.rule.name,
    words: printable(wordsOf(each)),
  }));
  const content = violations.find(({ facts }) => facts.shape === 'content');
  const detail = (): Detail => ({
    seen: [],
    before: [],
    done: [],
    timeline: timelineOf(trace, moments),
    ...(content?.facts.shape === 'content' ? { map: diskMapOf(content.facts, trace, content.at) } : {}),
    stacks: [],
    texts: [],
    notes: [],
  });
  return {
    page: {
      title: printable(file),
      verdict:
        violations.length > 0
          ? { is: 'fail', words: countOf(violations.length, 'violation'), why: [] }
          : {
              is: verdicts.length > 0 ? 'pass' : 'unknown',
              words: verdicts.length > 0 ? 'No rule broken' : 'Nothing was judged',
              why: ['Judged by the rules of today, without the schema of its QEMU.'],
            },
      facts: [
        ['trace', printable(file)],
        ['QEMU', qemu ? `${printable(qemu.version)} ${qemu.flavour}` : '?'],
        ['began', printable(startedAt ?? '?')],
        ['observations', `${trace.length}`],
        ['tool', printable(`${tool?.name} ${tool?.version}`)],
      ],
      findings: [],
      rules: rulesOfVerdicts(verdicts),
      trace: { title: printable(sequence?.title ?? file), detail: 0 },
      notes: [],
    },
    details: [detail],
  };
}
