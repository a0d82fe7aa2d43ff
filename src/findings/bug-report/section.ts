import type { Trace } from '../../trace/observation.ts';
import type { Finding } from '../finding.ts';
import type { Case } from '../repro/verdict.ts';

/** What a report is made of. `shown` is what a reproducer takes: the plan, the facts, the trace in commands of today. */
export type Reported = { finding: Finding; trace: Trace; shown: Case };

/** One part of the report in Markdown; undefined where there is nothing to say. */
export type Section = (reported: Reported) => string | undefined;
