import type { ReportedFact } from '../../judge/facts/reported.ts';
import { wholeStacks } from '../../target/programs/instruments.ts';
import { quote } from './shell.ts';
import { programName } from './start.ts';
import { type Case, endsFor, quitLines, type ScriptVerdict } from './verdict.ts';

/** What QEMU's sanitizer has to say on stderr, which takes a build that has it. Leaks are looked for when it quits. */
export function reportedVerdict({ plan, trace, at, facts }: Case): ScriptVerdict | undefined {
  if (facts?.shape !== 'reported') return undefined;

  return {
    ends: endsFor(trace, at),
    ending: [
      `[[ $(ASAN_OPTIONS=help=1 UBSAN_OPTIONS=help=1 ${programName(plan)} --version 2>&1) == *'flags for'* ]] || cannot "this QEMU is built without ${facts.by}"`,
      // It may end by itself, and need not.
      ...quitLines().map((line) => (line.startsWith('echo ') ? `ended 2 || ${line}` : line)),
      `[[ $(<stderr) == *${saidBy(facts).map(quote).join('*')}* ]] || absent`,
      `shows ${quote(`${facts.by}: ${facts.what}`)}`,
    ],
  };
}

/** Who allocated what is leaked is known to the slow unwinder alone. */
export const unwindLines = ({ facts }: Pick<Case, 'facts'>): string[] =>
  facts?.shape === 'reported' && facts.by === 'LeakSanitizer'
    ? [`export ASAN_OPTIONS=${wholeStacks.join(':')}:$ASAN_OPTIONS`]
    : [];

/** In this order, in the report: what it is about, and the function. */
export const saidBy = ({ by, what, said, frames: [place] }: ReportedFact): string[] => [
  by === 'AddressSanitizer'
    ? what
    : by === 'LeakSanitizer'
      ? 'Direct leak of'
      : said.replace(/ (0x|-?\d).*/, ''),
  ...(place === undefined ? [] : [` in ${place} `]),
];
