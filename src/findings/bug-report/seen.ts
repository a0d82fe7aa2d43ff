import { renderStep } from '../../sequence/render.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Trace } from '../../trace/observation.ts';
import { observationText } from '../../trace/observation-text.ts';
import { relativePaths } from '../repro/paths.ts';
import { fenced, oneLine } from './markdown.ts';
import type { Section } from './section.ts';

/** The trace around the place that shows it, which is marked. */
export const seen: Section = ({ finding, trace, shown: { plan } }) =>
  `## Messages around it\n\n${fenced(traceWindow(relativePaths(trace), plan.sequence, finding.violation.at))}`;

const shownBefore = 24;
const shownAfter = 6;

function traceWindow(trace: Trace, sequence: Sequence, at: number): string[] {
  const lines = trace.flatMap((each, i) => {
    const step = each.kind === 'step' ? sequence.steps[each.step] : undefined;
    const text =
      step && each.kind === 'step' ? `${each.step + 1}. ${renderStep(step)}` : observationText(each);
    // That a session is done with is a matter of ours.
    if ((text === undefined || each.kind === 'closed') && i !== at) return [];
    const ms = (each.us / 1000).toFixed(1).padStart(9);
    return [
      { i, line: `${i === at ? '>' : ' '} ${ms} ms  ${step ? '' : '   '}${oneLine(text ?? each.kind)}` },
    ];
  });
  const middle = lines.findIndex(({ i }) => i >= at);
  const from = Math.max(0, (middle === -1 ? lines.length : middle) - shownBefore);
  return lines.slice(from, from + shownBefore + 1 + shownAfter).map(({ line }) => line);
}
