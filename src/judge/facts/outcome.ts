import type { StatusOrAbsent } from '../../model/job-machine.ts';
import type { Errno } from '../../sequence/arena.ts';

/** A job has done other than was asked of it, or than its options and the errors it met say. */
export type OutcomeFact = { shape: 'outcome'; job: string; type: string | undefined } & (
  | { is: 'ended unasked' | 'cancelled unasked' }
  | { is: 'failed without aborting' | 'aborted without failing' }
  /** It was cancelled when it had one of these statuses, and then ended by `event`. */
  | { is: 'cancelled'; how: 'forced' | 'soft' | 'early'; statuses: readonly StatusOrAbsent[]; event: string }
  | { is: 'group'; other: string }
  | { is: 'policy'; side: string; injected: readonly Errno[]; policy: string; action: string }
  | { is: 'error without cause'; over?: true }
  | { is: 'error not announced' | 'failed in spite of ignore'; named: string }
  | { is: 'error misnamed'; named: string; injected: readonly Errno[] }
  /** `done`: it has completed, having no READY. `side`: reads failed, and not writes. */
  | { is: 'ready in spite of an error' | 'done in spite of an error'; target: string; side?: 'read' }
  | { is: 'ready in spite of a report' }
  | { is: 'ready in spite of sizes'; sourceBytes: number; targetBytes: number }
  | { is: 'went on though stopped'; to: string }
  /** What it had announced by BLOCK_JOB_ERROR. */
  | { is: 'completed in spite of an error'; action: 'report' | 'ignore' }
);

export function outcomeWords(fact: OutcomeFact): string {
  const { job } = fact;
  return fact.is === 'group'
    ? `job ${job} completed, but job ${fact.other} of the same group did not`
    : `job ${job}: ${what(fact)}`;
}

function what(fact: Exclude<OutcomeFact, { is: 'group' }>): string {
  switch (fact.is) {
    case 'ended unasked':
      return 'left READY for its end, though nobody asked for it';
    case 'cancelled unasked':
      return 'cancelled, though nobody cancelled it';
    case 'failed without aborting':
      return 'completed with an error, but never aborted';
    case 'aborted without failing':
      return 'aborted, but completed without an error';
    case 'cancelled':
      return `cancelled ${manner[fact.how]}when ${fact.statuses.join(' or ')}, but ${fact.event}`;
    case 'policy': {
      const injected = fact.injected.length > 0 ? ` (${fact.injected.join(', ')} injected)` : '';
      return `${fact.side} error${injected}, policy ${fact.policy}, but action ${fact.action}`;
    }
    case 'error without cause':
      return fact.over
        ? 'a read error, though what was injected was over'
        : 'a read error, though none was injected';
    case 'error not announced':
      return `ended with "${fact.named}", and no BLOCK_JOB_ERROR`;
    case 'failed in spite of ignore':
      return `ended with "${fact.named}", though it has ignored that error`;
    case 'error misnamed':
      return `ended with "${fact.named}", but ${fact.injected.join(', ')} was injected`;
    case 'ready in spite of an error':
    case 'done in spite of an error': {
      const failed = fact.side === 'read' ? 'read of' : 'write to';
      return `${fact.is === 'done in spite of an error' ? 'done' : 'READY'}, though every ${failed} ${fact.target} failed`;
    }
    case 'ready in spite of a report':
      return 'READY, after BLOCK_JOB_ERROR with action report';
    case 'ready in spite of sizes':
      return `READY, though the source has ${fact.sourceBytes} bytes and the target ${fact.targetBytes}`;
    case 'completed in spite of an error':
      return `completed without an error, after BLOCK_JOB_ERROR with action ${fact.action}`;
    case 'went on though stopped':
      return `stopped by an error, and yet ${fact.to}`;
    default:
      return fact satisfies never;
  }
}

const manner = { forced: 'by force ', soft: 'without force ', early: '' } as const;

/** One wrong policy shows in every pair, and which statuses a cancel may have met is a matter of the race. */
export function outcomeSignature({ type = 'job', ...fact }: OutcomeFact): string {
  switch (fact.is) {
    case 'cancelled':
      return `${type} ${fact.how} cancel, ${fact.event}`;
    case 'policy':
      return `${type} ${fact.side} error, and not the action of its policy`;
    case 'error misnamed':
      return `${type} names another error than was injected`;
    case 'went on though stopped':
      return `${type} ${fact.is}, ${fact.to}`;
    default:
      return `${type} ${fact.is}`;
  }
}
