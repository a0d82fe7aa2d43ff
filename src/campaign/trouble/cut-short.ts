import { CutShort, type EnvironmentError } from '../../errors.ts';
import { signatureOf } from '../../findings/signature.ts';
import { judge } from '../../judge/judge.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import type { Judged } from '../run-and-judge.ts';
import { troubleFrom } from './trouble.ts';

/** A run that the machine cut short: nothing it shows is judged but QEMU's own end. */
export function cutShort(error: EnvironmentError): Judged {
  const trace: Trace = error instanceof CutShort ? (error.before as readonly Observation[]) : [];
  const violations = judge(trace).violations.filter(({ rule }) => rule.kind === 'crash');
  const signatures = violations.map((violation) => signatureOf(violation, trace));
  const trouble = troubleFrom(error);
  return { signatures, violations, verdicts: [], trace, reason: trouble.reason, trouble };
}
