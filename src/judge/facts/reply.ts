import type { ErrorClass } from '../../model/verb.ts';
import { type Reason, reasonWords } from './reason.ts';

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
