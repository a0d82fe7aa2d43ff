import { constants } from 'node:os';
import { crashQuote, type Quote } from '../signature/crash.ts';
import { quote } from './shell.ts';
import { type Case, endsFor, quitLines, type ScriptVerdict } from './verdict.ts';

/** QEMU has to live until it is told to quit, and then to end in peace. */
export function crashVerdict({ trace, at, finding }: Case): ScriptVerdict {
  const ends = endsFor(trace, at);
  const exit = trace[at];
  if (finding.rule === 'crash/exit-code')
    return {
      ends,
      ending: [...quitLines(), '[ $code -eq 0 ] || shows "QEMU quits with exit code $code"', 'absent'],
    };
  if (exit?.kind !== 'exit' || exit.signal === null) {
    return {
      ends,
      ending: [
        'if ended 2; then',
        '  wait $pid; code=$?',
        '  [ $code -gt 128 ] || shows "QEMU ended by itself, with exit code $code: $(tail -n 1 stderr)"',
        '  cannot "QEMU was killed by signal $((code - 128)), which is something else"',
        'fi',
        ...quitLines(),
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
    ends,
    ending: [
      // It may die a moment later.
      ...quitLines().map((line) => (line.startsWith('echo ') ? `ended 2 || ${line}` : line)),
      '[ $code -gt 128 ] && [ $code -ne 137 ] || absent',
      ...same,
      'shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"',
    ],
  };
}

const said = (words: Quote): string[] => [
  ...(typeof words === 'string' ? [] : [`words=${quote(words.anyOf)}`]),
  `[[ $(<stderr) ${typeof words === 'string' ? `== *${quote(words)}*` : '=~ $words'} ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"`,
];
