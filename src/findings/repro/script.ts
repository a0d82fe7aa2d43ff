import { renderClaim } from '../../sequence/render.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Finding } from '../finding.ts';
import { blockLines } from './block.ts';
import { caseOf } from './in-current-qmp.ts';
import { comment, quote } from './shell.ts';
import { programName } from './start.ts';
import { type Case, tells } from './verdict.ts';
import { verdictFor } from './verdicts.ts';

/** repro.sh: the block of the report, for a QEMU of the reader's choice. */
export function reproScript(finding: Finding, trace: Trace): string {
  const shown = caseOf(finding, trace);
  const { refusal } = shown.plan;
  const lines =
    refusal === undefined
      ? [...header(shown), ...chosen(shown), ...blockLines(shown)]
      : [...header(shown), ...refused(refusal, finding)];
  return `${lines.join('\n')}\n`;
}

const refused = (refusal: string, { id }: Finding): string[] => [
  `echo ${quote(`could not tell: ${refusal}, which this script can't set up; run: mirrorfuzz replay ${id}`)} >&2`,
  'exit 2',
];

function header({ finding, plan }: Case): string[] {
  const { sequence } = plan;
  return [
    '#!/usr/bin/env bash',
    comment(finding.title),
    ...(finding.title === finding.violation.text ? [] : [comment(`Seen: ${finding.violation.text}`)]),
    ...(sequence.after ?? []).map((claim) => comment(`Claimed: ${renderClaim(claim)}`)),
    ...(sequence.dialect === undefined
      ? []
      : [comment(`Steps are told in the words of ${sequence.dialect}, and done in those of today.`)]),
  ];
}

/** What the exit code says, as far as this script can tell; then whose programs are run. */
function chosen(shown: Case): string[] {
  const program = programName(shown.plan);
  return [
    tells(verdictFor(shown))
      ? '# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.'
      : '# ./repro.sh [QEMU_BIN_DIR] does the steps, prints what QEMU says and exits 2: a script can not judge that.',
    `if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/${program}" ] || { echo "could not tell: there is no ${program} in $1" >&2; exit 2; }; fi`,
    '',
  ];
}
