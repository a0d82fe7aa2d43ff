import type { Sequence } from '../../sequence/sequence.ts';
import type { Trace } from '../../trace/observation.ts';
import { commandLineOf } from '../repro/start.ts';
import { words } from './markdown.ts';
import type { Reported, Section } from './section.ts';
import { diskSentence, stepSentence } from './sentences.ts';

/** What was done, a sentence a step, which has the number that other sections name it by. */
export const story: Section = (reported) => {
  const { before, steps } = storySentences(reported);
  return [
    '## What was done',
    before.map((sentence) => `- ${words(sentence)}`).join('\n'),
    steps.map((sentence, i) => `${i + 1}. ${words(sentence)}`).join('\n'),
  ].join('\n\n');
};

/** The same as plain text: what there was before the first step, and the steps. */
export function storySentences({ finding, trace, shown: { plan } }: Reported): {
  before: string[];
  steps: string[];
} {
  const { sequence } = plan;
  const unanswered = finding.kind === 'crash' ? 'QEMU dies before it answers.' : 'It is not answered.';
  const answers = answersOf(trace, sequence, unanswered);
  return {
    before: [
      ...sequence.arena.disks.map(diskSentence),
      (finding.commandLine ?? commandLineOf(plan)).join(' '),
    ],
    steps: sequence.steps.map((step, i) => stepSentence(step, answers.get(i))),
  };
}

/** What is to be said of the commands that did not simply succeed, by step. */
function answersOf(trace: Trace, { steps }: Sequence, unanswered: string): ReadonlyMap<number, string> {
  const sent = new Map<string, number>();
  const answers = new Map<number, string>();
  for (const seen of trace) {
    if (seen.kind === 'phase' && seen.phase === 'settle') break;
    if (seen.kind === 'command' && seen.step !== undefined) {
      const step = steps[seen.step];
      if (!step || !('qmp' in step) || (seen.name === 'blockdev-add' && step.qmp !== seen.name)) continue;
      sent.set(JSON.stringify(seen.id), seen.step);
      answers.set(seen.step, unanswered);
    }
    const step = seen.kind === 'reply' ? sent.get(JSON.stringify(seen.id)) : undefined;
    if (seen.kind !== 'reply' || step === undefined) continue;
    if (seen.error) answers.set(step, `QEMU refuses: ${seen.error.desc}`);
    else answers.delete(step);
  }
  return answers;
}
