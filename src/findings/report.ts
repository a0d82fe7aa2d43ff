import { markdownCell, markdownText, printable } from '../printable.ts';
import { renderSequence, renderStep } from '../sequence/render.ts';
import type { Trace } from '../trace/observation.ts';
import { observationText } from '../trace/observation-text.ts';
import { qmpText } from './export/qmp.ts';
import type { Affected, Finding } from './finding.ts';
import { caseOf } from './repro/in-current-qmp.ts';
import { relativePaths } from './repro/paths.ts';
import type { Plan } from './repro/plan.ts';
import { commandLineOf } from './repro/start.ts';
import { stderrOf } from './stderr.ts';

/** A bug report in Markdown, ready to file; README.md of the finding. */
export function bugReport(finding: Finding, trace: Trace): string {
  const { plan } = caseOf(finding, trace);
  const { statement, source, violation } = finding;
  const stderr = stderrOf(trace).slice(0, linesShown.stderr);
  const sections = [
    `# ${words(finding.title)}`,
    `${kinds[finding.kind]}, by the rule ${code(finding.rule)}. ${words(inShort(finding.affected))}`,
    `## Affected versions\n\n${versionTable(finding.affected)}`,
    `## How to reproduce\n\n${scriptTold(plan, finding)}`,
    `${programs[plan.flavour]} is started as\n\n${fenced([(finding.commandLine ?? commandLineOf(plan)).join(' ')])}`,
    `and this is done:\n\n${fenced(renderSequence(plan.sequence))}`,
    `## Expected\n\n${words(statement)}\n\nSource: ${words(source)}.`,
    `## Actual\n\n${words(violation.text)}\n\n${fenced(traceWindow(relativePaths(trace), plan, violation.at))}`,
    finding.kind === 'integrity' ? contentsTold : '',
    ...(finding.alsoBreaks ?? []).map(
      ({ rule, text }) => `The same steps also break ${code(rule)}: ${words(text)}`,
    ),
    stderr.length === 0 ? '' : `On stderr:\n\n${fenced(stderr)}`,
    ...(finding.note === undefined ? [] : [`## Note\n\n${words(finding.note)}`]),
    ...(finding.links.length === 0
      ? []
      : [`## Links\n\n${finding.links.map((link) => `- ${isUrl(link) ? link : words(link)}`).join('\n')}`]),
    `## QMP commands\n\n${fenced(qmpText(plan).trimEnd().split('\n'))}`,
    `Found by ${words(`${finding.tool.name} ${finding.tool.version}`)}, as finding ${finding.id}.`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function scriptTold({ refusal }: Plan, { id }: Finding): string {
  return refusal === undefined
    ? '`./repro.sh [QEMU_BIN_DIR]` in this directory exits 1 when the defect shows, 0 when it does not.'
    : `${words(refusal)}, which a script can't set up: \`mirrorfuzz replay ${id}\` exits 1 when the defect shows, 0 when it does not.`;
}

const kinds: Record<Finding['kind'], string> = {
  crash: 'QEMU dies',
  hang: 'QEMU, or a job, hangs',
  protocol: 'A message breaks the protocol',
  state: 'A job does not do what is documented',
  integrity: 'A disk holds wrong data',
  leak: 'Something is left behind',
  validation: 'A command is answered wrongly',
};

/** The words of judge/integrity/mismatch.ts. */
const contentsTold =
  'Contents are told as OFFSET+LENGTH in bytes and whose they are: `DISK:0` is what that disk was made with, `guest write N` what the guest wrote with request N.';

const programs = { system: 'qemu-system-x86_64', daemon: 'qemu-storage-daemon' } as const;

/** Decisions of the report: what people read of a trace, and of a stderr that may be flooded. */
const linesShown = { before: 24, after: 6, stderr: 40, chars: 400 } as const;

/** "5.2.0 no, 7.2.22 3/5." */
export function inShort(affected: readonly Affected[]): string {
  const rows = affected.map(({ version, ok, of }) => `${version} ${ok === 0 ? 'no' : `${ok}/${of}`}`);
  return `${[...new Set(rows)].join(', ')}.`;
}

function versionTable(affected: readonly Affected[]): string {
  const rows = affected.map(
    ({ label, version, flavour, ok, of }) =>
      `| ${cell(version)} | ${cell(label)} | ${programs[flavour]} | ${ok === 0 ? 'no' : 'yes'}, ${ok} of ${of} runs |`,
  );
  return ['| QEMU | from | program | shows it |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The trace around the place that shows the violation, which is marked. */
function traceWindow(trace: Trace, { sequence }: Plan, at: number): string[] {
  const lines = trace.flatMap((seen, i) => {
    const step = seen.kind === 'step' ? sequence.steps[seen.step] : undefined;
    const text =
      step && seen.kind === 'step' ? `${seen.step + 1}. ${renderStep(step)}` : observationText(seen);
    if (text === undefined && i !== at) return [];
    const ms = (seen.us / 1000).toFixed(1).padStart(9);
    return [
      { i, line: `${i === at ? '>' : ' '} ${ms} ms  ${step ? '' : '   '}${oneLine(text ?? seen.kind)}` },
    ];
  });
  const middle = lines.findIndex(({ i }) => i >= at);
  const from = Math.max(0, (middle === -1 ? lines.length : middle) - linesShown.before);
  return lines.slice(from, from + linesShown.before + 1 + linesShown.after).map(({ line }) => line);
}

function fenced(lines: readonly string[]): string {
  const cut = lines
    .map(printable)
    .map((line) => (line.length > linesShown.chars ? `${line.slice(0, linesShown.chars)}…` : line));
  // A fence longer than any in the text: hostile names hold backticks.
  const longest = Math.max(
    2,
    ...cut.flatMap((line) => [...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)),
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...cut, fence].join('\n');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Running text from elsewhere: it is shown as it is, and is no markup. */
const words = (text: string): string => markdownText(oneLine(text));

const cell = (text: string): string => markdownCell(oneLine(text));

/** A name of ours, in a type of its own; of another one, words. */
const code = (name: string): string => (/^[\w/.-]+$/.test(name) ? `\`${name}\`` : words(name));

/** One that Markdown makes a link of by itself. */
const isUrl = (text: string): boolean => /^https?:\/\/[\w.~:/?#@!$&+,;=%-]+$/.test(text);
