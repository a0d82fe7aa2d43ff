import type { Rule } from '../../judge/rule.ts';
import { quote } from './shell.ts';
import { type Case, cannotTell, type Verdict } from './verdict.ts';
import { contentVerdict } from './verdict-content.ts';
import { crashVerdict } from './verdict-crash.ts';
import { hangVerdict } from './verdict-hang.ts';
import { imageVerdict } from './verdict-image.ts';
import { leakVerdict } from './verdict-leak.ts';
import { replyVerdict } from './verdict-reply.ts';

/** How the defect is recognised, by its kind. */
export function verdictFor(shown: Case): Verdict {
  return verdicts[shown.finding.kind](shown) ?? undecidable(shown);
}

const verdicts: Record<Rule['kind'], (shown: Case) => Verdict | undefined> = {
  crash: crashVerdict,
  hang: hangVerdict,
  integrity: (shown) => imageVerdict(shown) ?? contentVerdict(shown),
  leak: leakVerdict,
  protocol: replyVerdict,
  state: replyVerdict,
  validation: replyVerdict,
};

/** What takes a model to tell is left to the reader: the script does the steps and prints what QEMU said. */
function undecidable({ finding }: Case): Verdict {
  return {
    unanswered: cannotTell,
    settles: true,
    ending: [
      `printf '%s\\n' "\${log[@]}"`,
      `cannot ${quote(`a script can't tell; look above for: ${finding.violation.text.replaceAll(/\s+/g, ' ')}`)}`,
    ],
  };
}
