import type { Detail, Page } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import { unpackTrace } from '../../trace/packed.ts';
import type { Diff } from './diff-file.ts';
import { sideBySide } from './side-by-side.ts';

/** What several QEMUs do otherwise with the same sequences, each difference with its runs side by side. */
export function diffPage(diff: Diff, file: string): { page: Page; details: (() => Detail)[] } {
  const details: (() => Detail)[] = [];
  const comparisons = diff.groups.map(({ subject, what, versions, values, sequences, smallest }, i) => {
    const { name, step, traces } = smallest;
    const shownBy =
      sequences === 1 ? 'One sequence shows it' : `${sequences} sequences show it, the smallest`;
    const where = step === null ? '' : `, step ${step}`;
    return {
      title: printable(`${shownBy}: ${name}${where}`),
      subject: printable(`${subject} (${what})`),
      rows: versions.map((on, at) => ({ on: printable(on), value: printable(values[at] ?? '') })),
      ...(traces?.length === versions.length
        ? {
            detail:
              details.push(() =>
                sideBySide(
                  traces.map((packed, at) => ({
                    on: versions[at] ?? '',
                    trace: unpackTrace(packed, `${file}: groups.${i}.smallest.traces.${at}`),
                  })),
                ),
              ) - 1,
          }
        : {}),
    };
  });
  const { compared, skipped, undecided, notReached } = diff.sequences;
  return {
    page: {
      title: printable(file),
      verdict: {
        is: ({ different: 'fail', alike: 'pass', unknown: 'unknown' } as const)[diff.verdict],
        words: {
          different: `${diff.groups.length} unexplained difference${diff.groups.length === 1 ? '' : 's'}`,
          alike: 'No unexplained difference',
          unknown: 'Nothing could be compared',
        }[diff.verdict],
        why: [
          `${compared} sequences compared, ${skipped} skipped, ${undecided} undecided, ${notReached} not reached.`,
          ...(diff.interrupted ? ['It was interrupted.'] : []),
        ],
      },
      facts: (
        [
          ['QEMU', diff.qemu.map(({ name }) => name).join('; ')],
          ['runs', `${diff.runs}`],
          ['time', `${(diff.elapsedMs / 1000).toFixed(1)} s`],
          ['began', diff.startedAt ?? '?'],
          ['seed', diff.seed ?? 'none'],
          ['tool', `${diff.tool.name} ${diff.tool.version}`],
        ] as [string, string][]
      ).map(([name, value]) => [name, printable(value)]),
      findings: [],
      comparisons,
      notes: diff.folded.map(({ rule, statement }) =>
        printable(`meant, and left out by ${rule}: ${statement}`),
      ),
    },
    details,
  };
}
