import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { type AblationTable, rowWords } from '../../findings/ablated.ts';
import { outcomeOf, outcomeWords } from '../../findings/affected.ts';
import { alsoBreaksWords } from '../../findings/also-breaks.ts';
import { changeWords } from '../../findings/bug-report/ablation.ts';
import { bugReport } from '../../findings/bug-report/bug-report.ts';
import { contentSentences } from '../../findings/bug-report/contents.ts';
import { storySentences } from '../../findings/bug-report/story.ts';
import { iotestText } from '../../findings/export/iotest.ts';
import { qmpText } from '../../findings/export/qmp.ts';
import { type Finding, impactOfFinding } from '../../findings/finding.ts';
import { impactWords } from '../../findings/impact.ts';
import { reachWords } from '../../findings/reach.ts';
import { factsOf } from '../../findings/rejudged.ts';
import { blockLines } from '../../findings/repro/block.ts';
import { caseOf } from '../../findings/repro/in-current-qmp.ts';
import { relativePaths } from '../../findings/repro/paths.ts';
import { reproScript } from '../../findings/repro/script.ts';
import type { Case } from '../../findings/repro/verdict.ts';
import { shownRate } from '../../findings/shown-rate.ts';
import { stackHead, stackText } from '../../findings/stacks/text.ts';
import type { StoredFinding } from '../../findings/stored.ts';
import type { Detail, FindingHead } from '../../page/model.ts';
import { printable, printableLines } from '../../printable.ts';
import type { Step } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';
import { diskMapOf } from './disk-map.ts';
import { timelineOf } from './timeline.ts';

/** A stored finding as the page lists it. */
export function findingHead(finding: Finding): FindingHead {
  const { id, title, reach, rule, status, steps, count, affected } = finding;
  const impact = impactOfFinding(finding);
  const { ok, of } = shownRate(finding);
  return {
    id,
    title: printable(title),
    impact,
    impactWords: impactWords[impact],
    reach: reach ?? 'unknown',
    reachWords: reach === undefined ? 'Reach unknown' : reachWords[reach],
    rule,
    status,
    steps,
    reproduced: { ok, of },
    met: count,
    affected: affected.map((row) => ({
      version: printable(row.version),
      flavour: row.flavour,
      label: printable(row.label),
      outcome: outcomeOf(row),
      words: printable(outcomeWords(row)),
    })),
  };
}

/** All that there is to see of a stored finding. What can't be read of it is a note, and the rest is shown. */
export function findingDetail({ finding, dir, trace }: StoredFinding): Detail {
  const { statement, source, violation, alsoBreaks = [], note, ablation, stacks = [] } = finding;
  const recorded = readable(trace);
  const facts = recorded.value === undefined ? violation.facts : factsOf(finding, recorded.value);
  const told: Detail = {
    statement: printable(statement),
    source: printable(source),
    seen: [
      facts?.shape === 'content' ? contentSentences(facts) : violation.text,
      ...alsoBreaks.map((each) => `${alsoBreaksWords(each)} ${each.rule}: ${each.text}`),
    ].map(printable),
    before: [],
    done: [],
    stacks: stacks.map((stack) => ({
      head: printable(stackHead(stack)),
      lines: stackText(stack).map(printable),
    })),
    texts: [],
    notes:
      note === undefined
        ? []
        : [
            printable(
              note.is === 'guess'
                ? `Guess: ${note.text}`
                : `Cause: ${note.text} (verified: ${note.by.join('; ')})`,
            ),
          ],
    ...(ablation === undefined ? {} : { ablation: ablationOf(ablation, []) }),
  };
  if (recorded.value === undefined)
    return { ...told, notes: [...told.notes, printable(`There is no timeline: ${recorded.why}`)] };
  const shown = caseOf(finding, recorded.value);
  const at = violation.at;
  const story = storySentences({ finding, trace: recorded.value, shown });
  return {
    ...told,
    before: story.before.map(printable),
    done: story.steps.map(printable),
    ...(ablation === undefined ? {} : { ablation: ablationOf(ablation, shown.plan.sequence.steps) }),
    timeline: timelineOf(relativePaths(recorded.value), [
      { line: at, rule: finding.rule, words: printable(violation.text) },
    ]),
    ...(facts?.shape === 'content' ? { map: diskMapOf(facts, recorded.value, at) } : {}),
    texts: textsOf(finding, recorded.value, shown, dir),
  };
}

const ablationOf = (table: AblationTable, steps: readonly Step[]): NonNullable<Detail['ablation']> => ({
  about: `One thing left out or made ordinary at a time, on ${table.version}, ${table.flavour}; as it is it shows in ${table.whole.ok} of ${table.whole.of} runs.`,
  rows: table.rows.map((row) => ({
    what: printable(changeWords(row, steps)),
    shows: `${row.ok} of ${row.of}`,
    verdict: printable(rowWords(row, table)),
  })),
});

function textsOf(finding: Finding, trace: Trace, shown: Case, dir: string): Detail['texts'] {
  const { refusal } = shown.plan;
  const block =
    refusal === undefined
      ? [{ name: 'block', about: 'For bash, as it stands', text: `(\n${blockLines(shown).join('\n')}\n)\n` }]
      : [];
  return [
    ...block,
    { name: 'repro.sh', about: `The script ${join(dir, 'repro.sh')}`, text: reproScript(finding, trace) },
    { name: 'iotest', about: "For QEMU's tests/qemu-iotests/tests/", text: iotestText(shown) },
    { name: 'QMP', about: 'The commands, one a line', text: qmpText(shown.plan) },
    { name: 'report', about: 'A bug report in Markdown', text: bugReport(finding, trace) },
  ].map((each) => ({ ...each, about: printable(each.about), text: printableLines(each.text) }));
}

function readable<T>(read: () => T): { value: T; why?: never } | { value?: never; why: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { why: error.message };
  }
}
