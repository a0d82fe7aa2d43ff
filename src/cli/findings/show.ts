import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { inShort } from '../../findings/affected.ts';
import { bugReport } from '../../findings/bug-report/bug-report.ts';
import { type Finding, impactOfFinding, type Note } from '../../findings/finding.ts';
import { impactWords } from '../../findings/impact.ts';
import { reachWords } from '../../findings/reach.ts';
import { readable } from '../../findings/readable.ts';
import { causeOf, causeWords } from '../../findings/stacks/cause.ts';
import { stackHead, stackText } from '../../findings/stacks/text.ts';
import { openFindings } from '../../findings/store.ts';
import { printable } from '../../printable.ts';
import { laneChart } from '../../report/lane-chart.ts';
import { terminalColumns, wrapped } from '../../report/wrapped.ts';
import { renderSequence } from '../../sequence/render.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { outputOptions, printer, writeJson } from '../options.ts';
import { idArgument, storeOption } from './options.ts';

type Args = { id: string; findings: string; report: boolean; json: string | undefined };

export const showCommand: CommandModule<object, Args> = {
  command: 'show <id>',
  describe: 'one finding: what breaks, on which QEMU, by which steps',
  builder: (yargs) =>
    outputOptions(storeOption(idArgument(yargs)))
      .option('report', {
        type: 'boolean',
        default: false,
        describe: 'as a bug report ready to file (Markdown)',
      })
      .example('$0 findings show 3f2a', 'the first digits of an id are enough')
      .example('$0 findings show 3f2a --report > report.md', 'with trace, versions and the QMP commands'),
  handler({ id, findings, report, json }) {
    const { finding, dir, sequence, trace } = openFindings(findings).read(id);
    const print = printer(json);
    if (report) print(bugReport(finding, trace()).trimEnd());
    else {
      for (const line of summary(finding, sequence(), dir)) print(line);
      // Without its trace the rest is shown all the same.
      for (const line of laneChart(readable(trace) ?? [], finding.violation.at)) print(line);
    }
    if (json !== undefined) writeJson(json, { ...finding, path: dir });
  },
};

function summary(finding: Finding, sequence: Sequence, dir: string): string[] {
  const { id, kind, reach, rule, status, title, statement, source, violation, reproduced, affected } =
    finding;
  const facts: [string, string][] = [
    [
      'impact',
      [impactWords[impactOfFinding(finding)], ...(reach === undefined ? [] : [reachWords[reach]])].join('. '),
    ],
    ['kind', `${kind}, by ${rule}`],
    ['expected', `${statement} (${source})`],
    ['seen', violation.text],
    ['versions', inShort(affected)],
    [
      'shows',
      `${reproduced.ok} of ${reproduced.of} times; met ${finding.count} times, last ${finding.lastSeen}`,
    ],
    ['status', [status, ...finding.links].join(' ')],
    ...(finding.note === undefined ? [] : [noteLine(finding.note)]),
    ...(finding.stacks ?? []).flatMap((stack): [string, string][] => {
      const cause = causeOf(stack);
      return cause === undefined ? [] : [[stack.by, causeWords(cause)]];
    }),
    ['run', join(dir, 'repro.sh')],
  ];
  return [
    id,
    ...wrapped(printable(title), { width: terminalColumns, indent: 2 }),
    ...facts.map(([name, text]) => `  ${name.padEnd(9)} ${printable(text)}`),
    ...renderSequence(sequence).map((line) => `  ${line}`),
    ...(finding.stacks ?? []).flatMap((stack) => [
      `  ${printable(stackHead(stack))}`,
      ...stackText(stack).map((line) => `    ${printable(line)}`),
    ]),
  ];
}

const noteLine = (note: Note): [string, string] => [
  note.is === 'guess' ? 'guess' : 'cause',
  note.is === 'guess' ? note.text : `${note.text} (verified: ${note.by.join('; ')})`,
];
