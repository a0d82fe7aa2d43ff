import type { ErrorClass } from '../../model/verb.ts';
import { type Reason, reasonSignature, reasonWords } from './reason.ts';

/** A command was answered otherwise than was due. */
export type ReplyFact = {
  shape: 'reply';
  command: string;
  /** What makes another answer due. */
  why: Reason;
  /** Any of these was due. */
  due: readonly Due[];
  got: Got;
};

export type Due = 'success' | { class: ErrorClass | (string & {}); desc?: string };
export type Got = 'success' | { class: string; desc: string };

export function replyWords({ command, why, due, got }: ReplyFact): string {
  const said = got === 'success' ? got : `${got.class}: ${got.desc}`;
  const expected = [...new Set(due.map(dueWords))].join(' or ');
  return `${command} ${reasonWords(why)}: expected ${expected}, got ${said}`;
}

const dueWords = (due: Due): string =>
  due === 'success' ? due : `${due.class}${due.desc ? `: ${due.desc}` : ''}`;

/** As a reply of the trace says it. */
export const gotOf = ({ error }: { error?: { class: string; desc: string } | undefined }): Got =>
  error ? { class: error.class, desc: error.desc } : 'success';

/**
 * An error's own words lead to the one place in QEMU that says them, whatever the command and the rule; so a refusal
 * other than the one that is due needs no more. `plain`: a text of QEMU's without what the sequence chose.
 */
export function replySignature(rule: string, fact: ReplyFact, plain: (text: string) => string): string {
  const { command, why, due, got } = fact;
  const said = got === 'success' ? undefined : plain(`${got.class}: ${got.desc}`);
  if (said !== undefined && !due.includes('success')) return `not the error that is due: ${said}`;
  const what = `${commandClass(command, why)} ${reasonSignature(why)}`;
  return `${rule}: ${what}: ${said ?? 'success'}`;
}

/** Both commands of a job start it in one place, and both spellings of a verb do the same. */
function commandClass(command: string, why: Reason): string {
  if (why.is === 'argument') return command.replace(/^(blockdev|drive)-/, '');
  return why.is === 'bitmap there' ? 'a bitmap command' : command.replace(/^block-job-/, 'job-');
}
