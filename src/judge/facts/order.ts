import type { JobStatus } from '../../qemu/job-statuses.ts';

/** A status or an event of a job that comes where it must not, or is missing. */
export type OrderFact = { shape: 'order'; job: string; type: string | undefined } & (
  | { is: 'change'; from: JobStatus; to: JobStatus }
  /** After `was` has come `came`, and not `due`. */
  | { is: 'then'; was: string; came: string; due: string }
  /** An event of a job that it can't be of. */
  | { is: 'out of place'; event: string; of: OddJob }
  | { is: 'twice'; event: string }
  | { is: 'after null'; came: string }
  | { is: 'no ending event' }
);

export type OddJob =
  | { status: JobStatus }
  | { not: 'ready' | 'pending' }
  | 'never ran'
  | 'finalizes by itself';

export function orderWords(fact: OrderFact): string {
  return `job ${fact.job}: ${what(fact)}`;
}

function what(fact: OrderFact): string {
  switch (fact.is) {
    case 'change':
      return `${fact.from} -> ${fact.to}`;
    case 'then':
      return `${fact.was}, then ${fact.came} instead of ${fact.due}`;
    case 'out of place':
      return `${fact.event} of a job that ${oddWords(fact.of)}`;
    case 'twice':
      return `${fact.event} twice`;
    case 'after null':
      return `${fact.came} after null`;
    case 'no ending event':
      return 'concluded without an event that says how';
    default:
      return fact satisfies never;
  }
}

function oddWords(of: OddJob): string {
  if (typeof of === 'string') return of;
  return 'status' in of ? `is ${of.status}` : `is not ${of.not}`;
}

/** What comes next after a missing event is the sequence's choice, and so is the job's id. */
export function orderSignature({ type = 'job', ...fact }: OrderFact): string {
  switch (fact.is) {
    case 'change':
      return `${type} out of ${fact.from}`;
    case 'then':
      return `${type} ${fact.was} without ${fact.due}`;
    case 'out of place':
      return `${fact.event} of ${type} ${oddWord(fact.of)}`;
    case 'twice':
      return `${fact.event} of ${type} twice`;
    case 'after null':
      return `${fact.came} of ${type} after null`;
    case 'no ending event':
      return `${type} without an ending event`;
    default:
      return fact satisfies never;
  }
}

function oddWord(of: OddJob): string {
  if (typeof of === 'string') return of;
  return 'status' in of ? of.status : `not ${of.not}`;
}
