import { createTranslator } from '../../../src/qmp/dialect/translator.ts';
import type { Dialect } from '../../../src/sequence/sequence.ts';

type Message = Record<string, unknown>;

/** A translator with a client and a QEMU that the test plays; what reached each is taken by reading it. */
export function between(dialect: Dialect) {
  const wire = { qemu: '', client: '' };
  const hidden: string[] = [];
  const translator = createTranslator(dialect, {
    toQemu(bytes) {
      wire.qemu += bytes.toString();
    },
    toClient(bytes) {
      wire.client += bytes.toString();
    },
    hidden: ({ name }) => void hidden.push(name),
  });
  const take = (side: 'qemu' | 'client'): string => {
    const text = wire[side];
    wire[side] = '';
    return text;
  };
  const messages = (text: string): Message[] =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line));
  return {
    translator,
    hidden,
    says: (text: string) => translator.fromClient(Buffer.from(text)),
    /** QEMU says something; with `return` or `error` and no id it answers the last thing that it was asked. */
    qemuSays: (message: Message) => translator.fromQemu(Buffer.from(`${JSON.stringify(message)}\r\n`)),
    atQemu: () => take('qemu'),
    asked: () => messages(take('qemu')),
    heard: () => messages(take('client')),
    atClient: () => take('client'),
  };
}

export type Between = ReturnType<typeof between>;

/** Sends a command, sees what QEMU is asked, and answers each question in turn. */
export function exchange(
  { says, asked, qemuSays }: Between,
  command: Message,
  ...answers: Message[]
): Message[] {
  const questions: Message[] = [];
  says(`${JSON.stringify(command)}\n`);
  for (const answer of answers) {
    const [question] = asked();
    if (!question) throw new Error('QEMU was asked nothing');
    const { id, ...rest } = question;
    questions.push(rest);
    qemuSays({ ...answer, id });
  }
  return questions;
}

export const event = (name: string, data: Message): Message => ({
  event: name,
  data,
  timestamp: { seconds: 1, microseconds: 2 },
});

export const done = { return: {} };
