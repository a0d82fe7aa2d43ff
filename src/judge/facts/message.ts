import type { Json } from '../../sequence/step.ts';

/** A message, or the lack of one, that breaks the protocol. */
export type MessageFact = { shape: 'message' } & (
  | { is: 'reply without id' }
  | { is: 'reply to nobody'; id: Json }
  | { is: 'second reply'; command: string }
  | { is: 'no error class'; class: string; desc: string }
  | { is: 'parse error of another class'; class: string; desc: string }
  | { is: 'not JSON' | 'no message' | 'malformed error'; said: string }
  | { is: 'overlong'; moreThanBytes: number; said: string }
  | { is: 'second greeting' }
  | { is: 'late greeting'; after: string }
  /** Before capabilities were negotiated; `answer`: of a command. */
  | { is: 'too early'; name: string; answer?: { class: string } | 'success' }
  | { is: 'unknown event'; event: string }
  | { is: 'misfit'; of: 'reply' | 'event'; name: string; path: string; problem: string; text: string }
  | { is: 'malformed input not answered'; input: string; errors: number; due: number }
);

export function messageWords(fact: MessageFact): string {
  switch (fact.is) {
    case 'reply without id':
      return 'a reply without an id';
    case 'reply to nobody':
      return `a reply to nobody, id ${JSON.stringify(fact.id)}`;
    case 'second reply':
      return `a second reply to ${fact.command}`;
    case 'no error class':
      return `${fact.class} is no error class: ${fact.desc}`;
    case 'parse error of another class':
      return `a parse error of class ${fact.class}: ${fact.desc}`;
    case 'not JSON':
      return `not JSON: ${fact.said}`;
    case 'no message':
      return `no QMP message: ${fact.said}`;
    case 'malformed error':
      return `a malformed error: ${fact.said}`;
    case 'overlong':
      return `a line of more than ${fact.moreThanBytes} bytes: ${fact.said}`;
    case 'second greeting':
      return 'a second greeting';
    case 'late greeting':
      return `a greeting after a ${fact.after}`;
    case 'too early':
      return `${fact.name}${answerWords(fact.answer)} before capabilities were negotiated`;
    case 'unknown event':
      return `${fact.event} is no event of this QEMU`;
    case 'misfit':
      return `${fact.name}: ${fact.path === '' ? fact.text : `${fact.path}: ${fact.text}`}`;
    case 'malformed input not answered':
      return `${fact.input} was not answered by an error: ${fact.errors} of at least ${fact.due}`;
    default:
      return fact satisfies never;
  }
}

function answerWords(answer: { class: string } | 'success' | undefined): string {
  if (answer === undefined) return '';
  return answer === 'success' ? ' succeeded' : ` was answered by ${answer.class}`;
}

/** `plain`: a text of QEMU's without what the sequence chose. */
export function messageSignature(fact: MessageFact, plain: (text: string) => string): string {
  switch (fact.is) {
    case 'second reply':
      return `${fact.is} to ${fact.command}`;
    case 'no error class':
    case 'parse error of another class':
      return `${fact.is}: ${fact.class}`;
    case 'not JSON':
    case 'no message':
    case 'malformed error':
    case 'overlong':
      return `${fact.is}: ${plain(fact.said)}`;
    case 'late greeting':
      return `${fact.is} after ${fact.after}`;
    case 'too early':
      return `${fact.is}: ${fact.name}${typeof fact.answer === 'object' ? ` ${fact.answer.class}` : ''}`;
    case 'unknown event':
      return `${fact.is} ${fact.event}`;
    case 'misfit':
      return `${fact.of} ${fact.name}: ${fact.problem} ${plain(fact.path)}`;
    case 'reply without id':
    case 'reply to nobody':
    case 'second greeting':
    case 'malformed input not answered':
      return fact.is;
    default:
      return fact satisfies never;
  }
}
