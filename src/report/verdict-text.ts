import { styleText } from 'node:util';
import { wordsOf } from '../judge/facts/words.ts';
import type { Violation } from '../judge/rule.ts';
import { printable } from '../printable.ts';
import type { Trace } from '../trace/observation.ts';

export type RunVerdict = 'pass' | 'fail' | 'skipped' | 'unknown';

/** What there is to say of one trace in a line, and a line for each violation. */
export type VerdictWithReason = {
  verdict: RunVerdict;
  name: string;
  version: string;
  flavour: string;
  /** Why it was skipped or is unknown. */
  reason?: string;
  trace: Trace;
  violations: readonly Violation[];
};

export function verdictText(ruling: VerdictWithReason, color: boolean): string[] {
  const { verdict, name, version, flavour, reason, trace, violations } = ruling;
  const [mark, paint] = marks[verdict];
  const painted = color ? styleText(paint, mark.padEnd(4)) : mark.padEnd(4);
  const closed = trace.at(-1);
  const took = closed?.kind === 'closed' ? `${(closed.elapsedUs / 1000).toFixed(0)} ms` : '';
  const ruled = verdict === 'pass' || verdict === 'fail';
  const why = reason === undefined ? '' : `${ruled ? '' : `${verdict}: `}${reason}`;
  const line = `${painted}  ${printable(`${name.padEnd(44)} ${version.padEnd(8)} ${flavour.padEnd(7)} ${took.padEnd(8)} ${why}`)}`;
  return [
    line.trimEnd(),
    ...violations.map(
      ({ rule, step, facts }) =>
        `      ${rule.name}${step === undefined ? '' : `, step ${step + 1}`}: ${printable(wordsOf({ facts }))}`,
    ),
  ];
}

const marks = {
  pass: ['ok', 'green'],
  fail: ['FAIL', 'red'],
  skipped: ['skip', 'yellow'],
  unknown: ['?', 'magenta'],
} as const;
