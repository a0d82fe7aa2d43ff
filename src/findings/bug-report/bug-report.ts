import type { Trace } from '../../trace/observation.ts';
import type { Finding } from '../finding.ts';
import { caseOf } from '../repro/in-current-qmp.ts';
import { ablation } from './ablation.ts';
import { affectedVersions } from './affected.ts';
import { block } from './block.ts';
import { cause } from './cause.ts';
import { expected } from './expected.ts';
import { head } from './head.ts';
import { references } from './references.ts';
import type { Section } from './section.ts';
import { seen } from './seen.ts';
import { stack } from './stack.ts';
import { story } from './story.ts';

/** In the order in which a maintainer asks: what is it, how do I see it, what should be, why, where, since when. */
const sections: readonly Section[] = [
  head,
  story,
  expected,
  cause,
  stack,
  ablation,
  block,
  affectedVersions,
  seen,
  references,
];

/** A bug report in Markdown, ready to file; README.md of the finding. A section without data is left out. */
export function bugReport(finding: Finding, trace: Trace): string {
  const reported = { finding, trace, shown: caseOf(finding, trace) };
  return `${sections.flatMap((section) => section(reported) ?? []).join('\n\n')}\n`;
}
