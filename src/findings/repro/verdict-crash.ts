import { constants } from 'node:os';
import { crashQuote, type Quote } from '../signature/crash.ts';
import { quote } from './shell.ts';
import { type Case, cannotTell, phaseAt, type ScriptVerdict } from './verdict.ts';

/** QEMU has to live until it is told to quit, and then to end in peace. */
export function crashVerdict({ trace, at, finding }: Case): ScriptVerdict {
  const settles = phaseAt(trace, at) !== 'steps';
  const base = { unanswered: cannotTell, settles };
  const exit = trace[at];
  if (finding.rule === 'crash/exit-code') {
    return {
      ...base,
      ending: [...quit, '[ $code -eq 0 ] || shows "QEMU quits with exit code $code"', 'absent'],
    };
  }
  if (exit?.kind !== 'exit' || exit.signal === null) {
    return {
      ...base,
      ending: [
        'if finish 2000; then',
        '  [ $code -gt 128 ] || shows "QEMU ended by itself, with exit code $code: $(tail -n 1 stderr)"',
        '  cannot "QEMU was killed by signal $((code - 128)), which is something else"',
        'fi',
        ...quit,
        'absent',
      ],
    };
  }
  const number = constants.signals[exit.signal as NodeJS.Signals];
  const words = crashQuote(trace);
  const same =
    words === undefined
      ? [`[ $code -eq ${128 + number} ] || cannot "QEMU died, but by signal $((code - 128))"`]
      : said(words);
  return {
    ...base,
    ending: [
      'finish 2000 || { send end quit; finish 20000; } || cannot "QEMU does not quit"',
      '[ $code -gt 128 ] && [ $code -ne 137 ] || absent',
      ...same,
      'shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"',
    ],
  };
}

const said = (words: Quote): string[] => [
  `words=${quote(typeof words === 'string' ? words : words.anyOf)}`,
  `[[ $(<stderr) ${typeof words === 'string' ? '== *"$words"*' : '=~ $words'} ]] ||`,
  '  cannot "QEMU died, but of something else: $(tail -n 1 stderr)"',
];

const quit = ['send end quit', 'finish 20000 || cannot "QEMU does not quit"'];
