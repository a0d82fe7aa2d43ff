import { noCoverage } from '../campaign/feedback/coverage.ts';
import type { Ran, SeenViolation } from '../campaign/worker/worker-messages.ts';
import { signatureOf } from '../findings/signature.ts';
import type { FoundBefore } from './campaign-state.ts';
import { packSequence, packTrace } from './packed.ts';
import type { Shown } from './results.ts';
import { writtenViolation } from './violation.ts';

/** What a worker showed, as it is believed, as discoveries read it, and as the journal keeps it. */

/** A signature is worked out anew from the trace: it decides which finding this is. */
export function believed(
  { signature, violation, trace }: Shown['violations'][number],
  warn: (message: string) => void,
): SeenViolation[] {
  if (!trace) return [{ signature, violation }];
  if (violation.at >= trace.length) {
    warn('a worker sent a violation that is nowhere in its trace: left out');
    return [];
  }
  try {
    return [{ signature: signatureOf(violation, trace), violation, trace }];
  } catch {
    warn(`a worker sent facts of ${violation.rule.name} that make no sense: left out`);
    return [];
  }
}

/** As it came. */
export const writtenShown = ({ sequence, violations, ...rest }: Shown): FoundBefore['shown'] => ({
  ...rest,
  sequence: packSequence(sequence),
  violations: violations.map(({ signature, violation, trace }) => ({
    signature,
    violation: writtenViolation(violation),
    ...(trace ? { trace: packTrace(trace) } : {}),
  })),
});

/** As discoveries read it; the figures are in the shard's sum. */
export const ranOf = (program: number, shown: Shown, violations: SeenViolation[]): Ran => ({
  kind: 'ran',
  index: shown.index,
  program,
  property: '',
  title: shown.sequence.title,
  coverage: noCoverage(),
  masked: 0,
  guestWrites: 0,
  faultsInjected: 0,
  commands: 0,
  elapsedMs: shown.elapsedMs,
  features: shown.features,
  violations,
  verdicts: [],
  moments: shown.moments,
  sequence: shown.sequence,
  sessionsStarted: 0,
  uses: [],
});
