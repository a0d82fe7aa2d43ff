import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { type Finding, impactOfFinding, type Status, statuses } from '../../findings/finding.ts';
import { shownRate } from '../../findings/shown-rate.ts';
import { openFindings } from '../../findings/store.ts';
import { printable } from '../../printable.ts';
import { terminalColumns, wrapped } from '../../report/wrapped.ts';
import { complain } from '../complain.ts';
import { outputOptions, printer, tool, writeJson } from '../options.ts';
import { table } from '../table.ts';
import { mustBeThere, storeOption } from './options.ts';

type Args = { findings: string; status: Status[] | undefined; json: string | undefined };

export const listCommand: CommandModule<object, Args> = {
  command: 'list',
  describe: 'every finding, the most serious first, what is fixed last',
  builder: (yargs) =>
    outputOptions(storeOption(yargs))
      .option('status', {
        choices: statuses,
        array: true,
        requiresArg: true,
        describe: 'only those with one of these',
      })
      .example('$0 findings list --status new', 'what nobody has looked at yet')
      .example('$0 findings list --json -', 'the same for a script')
      .epilogue('Exit codes: 0 also where there are findings, 2 where one of them can not be read.'),
  handler({ findings: dir, status, json }) {
    mustBeThere(dir);
    const { findings, complaints } = openFindings(dir).list();
    const shown = findings.filter((finding) => status === undefined || status.includes(finding.status));
    printer(json)(listText(shown, dir));
    for (const each of complaints) complain(each);
    if (json !== undefined) {
      const withPaths = shown.map((finding) => ({ ...finding, path: join(dir, finding.path) }));
      writeJson(json, { schema: 1, tool, findings: withPaths, unreadable: complaints });
    }
    if (complaints.length > 0) process.exitCode = 2;
  },
};

export function listText(findings: readonly Finding[], dir: string): string {
  if (findings.length === 0) return `no findings in ${dir}`;
  const shown = findings.map((finding) => [
    finding.id,
    impactOfFinding(finding),
    finding.reach ?? '?',
    finding.status,
    `${finding.steps}`,
    rateWords(shownRate(finding)),
    `${finding.count}`,
  ]);
  const [head, ...rows] = table([
    ['ID', 'IMPACT', 'REACH', 'STATUS', 'STEPS', 'SHOWS', 'MET'],
    ...shown,
  ]).split('\n');
  return [
    head,
    ...findings.flatMap(({ title, qemu }, i) => [
      rows[i],
      ...wrapped(printable(title), { width: terminalColumns, indent: 2 }),
      ...(qemu.length === 0
        ? []
        : wrapped(printable(`on ${qemu.join(', ')}`), { width: terminalColumns, indent: 4 })),
    ]),
  ].join('\n');
}

const rateWords = ({ ok, of }: Finding['reproduced']): string => `${ok}/${of}`;
