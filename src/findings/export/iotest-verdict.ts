import type { PlannedStep } from '../repro/plan.ts';
import { type Case, phaseAt } from '../repro/verdict.ts';
import { type WrongBytes, wrongBytes } from '../repro/verdict-content.ts';
import { leftoverQuery } from '../repro/verdict-leak.ts';
import { wrongReads } from '../repro/verdict-read.ts';
import { python } from './python.ts';

/** How an iotest tells whether the defect shows: where QEMU dies or does not answer, it fails anyway. */
export type IotestVerdict = {
  settles: boolean;
  /** Of the last command of a step, whose answer is in `reply`. */
  reply?(step: PlannedStep): string | undefined;
  /** Lines after a step. */
  afterStep?(step: PlannedStep): string[];
  /** Lines before QEMU is told to quit, once it has quit, and after the test's machine is gone. */
  inVm?: string[];
  ended?: string[];
  after?: string[];
};

/** undefined where it takes a model to tell. */
export function iotestVerdict(shown: Case): IotestVerdict | undefined {
  const { finding, trace, at, facts } = shown;
  if (facts?.shape === 'reported')
    return {
      settles: phaseAt(trace, at) !== 'steps',
      ended: [`assert ${python(facts.said)} not in (vm.get_log() or ''), vm.get_log()`],
    };
  switch (finding.kind) {
    case 'crash':
      return {
        settles: phaseAt(trace, at) !== 'steps',
        inVm: ['time.sleep(1)  # it may die a moment later'],
        ended: ["assert vm.exitcode() == 0, f'QEMU ended with {vm.exitcode()}'"],
      };
    case 'hang':
      return hang(shown);
    case 'integrity':
      return content(shown);
    case 'leak':
      return leftover(shown);
    case 'state':
    case 'validation':
    case 'protocol':
      return wrongReply(shown);
    default:
      return finding.kind satisfies never;
  }
}

/** What hangs is looked at before anything is done that would set it going again; of a command, the timeout tells. */
function hang({ facts, trace, at }: Case): IotestVerdict {
  const settles = phaseAt(trace, at) !== 'steps';
  if (facts?.shape !== 'lacking' || facts.what !== 'resume') return { settles };
  return { settles: false, inVm: [`resumes(vm, ${python(facts.job)})`] };
}

function content(shown: Case): IotestVerdict | undefined {
  const reads = wrongReads(shown);
  if (reads.length > 0) {
    const looks = reads.flatMap(readLines);
    const afterStep = ({ index }: PlannedStep) => (index === shown.finding.violation.step ? looks : []);
    return { settles: false, afterStep };
  }
  const checks = wrongBytes(shown);
  return checks.length === 0 ? undefined : { settles: true, after: checks.flatMap(readLines) };
}

const readLines = ({ read, words }: WrongBytes): string[] => [
  `found = run(${python(read)})`,
  `assert 'Pattern verification failed' not in found, ${python(words)}`,
];

function leftover({ facts }: Case): IotestVerdict | undefined {
  const query = facts?.shape === 'left' ? leftoverQuery(facts) : undefined;
  if (query === undefined) return undefined;
  return { settles: true, inVm: [`left = vm.qmp('${query}')['return']`, 'assert not left, left'] };
}

/** A command that must not have been accepted, or refused, or refused so. */
function wrongReply({ finding, trace, at, plan }: Case): IotestVerdict | undefined {
  const seen = trace[at];
  const { step } = finding.violation;
  const isCommand = plan.steps.some(({ index, step: each }) => index === step && 'qmp' in each);
  if (seen?.kind !== 'reply' || !isCommand) return undefined;
  const wrong = seen.error
    ? `reply.get('error', {}).get('class') != ${python(seen.error.class)}`
    : JSON.stringify(seen.return) === '{}'
      ? `'error' in reply`
      : undefined;
  if (wrong === undefined) return undefined;
  return { settles: true, reply: ({ index }) => (index === step ? `assert ${wrong}, reply` : undefined) };
}
