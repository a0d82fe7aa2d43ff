import { printable } from '../printable.ts';
import { renderSequence, renderStep } from '../sequence/render.ts';
import type { Observation, Trace } from '../trace/observation.ts';
import { observationText } from '../trace/observation-text.ts';

/** A trace as people read it: each step in one line, and under it what was seen while it ran. */
export function traceText(trace: Trace, { all = false } = {}): string[] {
  const opened = trace[0];
  if (opened?.kind !== 'opened') return [];
  const { sequence, qemu } = opened;
  const out = [
    printable(`${sequence.title}  [${qemu.version} ${qemu.flavour}]`),
    ...renderSequence({ ...sequence, steps: [], after: [] }),
  ];
  let shown = false;
  for (const seen of trace.slice(1)) {
    if (seen.kind === 'phase') shown = all || seen.phase === 'steps' || seen.phase === 'after';
    if (seen.kind === 'phase' && all) out.push(`${stamp(seen)}  -- ${seen.phase}`);
    if (seen.kind === 'step') {
      const step = sequence.steps[seen.step];
      if (step) out.push(`${stamp(seen)}  ${String(seen.step + 1).padStart(2)}  ${renderStep(step)}`);
      continue;
    }
    const text = observationText(seen);
    if (text !== undefined && (shown || alwaysShown.has(seen.kind)))
      out.push(`${stamp(seen)}        ${printable(text)}`);
  }
  return out;
}

/** Shown in every phase: they are what goes wrong. */
const alwaysShown = new Set<Observation['kind']>([
  'exit',
  'expired',
  'leftover',
  'stderr',
  'foreign',
  'disconnect',
]);

const stamp = ({ us }: Observation): string => `${(us / 1000).toFixed(1).padStart(9)} ms`;
