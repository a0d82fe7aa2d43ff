import type { Rule } from '../../judge/rule.ts';
import { storyVerdict } from './message-order.ts';
import { quote } from './shell.ts';
import type { Case, ScriptVerdict } from './verdict.ts';
import { claimVerdict } from './verdict-claim.ts';
import { contentVerdict } from './verdict-content.ts';
import { crashVerdict } from './verdict-crash.ts';
import { fieldsVerdict } from './verdict-fields.ts';
import { figuresVerdict } from './verdict-figures.ts';
import { guestVerdict } from './verdict-guest.ts';
import { hangVerdict } from './verdict-hang.ts';
import { imageVerdict } from './verdict-image.ts';
import { leakVerdict } from './verdict-leak.ts';
import { memberVerdict } from './verdict-member.ts';
import { pastVerdict } from './verdict-past.ts';
import { queryVerdict } from './verdict-query.ts';
import { readVerdict } from './verdict-read.ts';
import { replyVerdict } from './verdict-reply.ts';
import { reportedVerdict } from './verdict-reported.ts';
import { storedVerdict } from './verdict-stored.ts';

/** How the defect is recognised, by its kind. */
export function verdictFor(shown: Case): ScriptVerdict {
  return reportedVerdict(shown) ?? verdicts[shown.finding.kind](shown) ?? undecidable();
}

const verdicts: Record<Rule['kind'], (shown: Case) => ScriptVerdict | undefined> = {
  crash: crashVerdict,
  hang: hangVerdict,
  integrity: (shown) =>
    imageVerdict(shown) ??
    storedVerdict(shown) ??
    contentVerdict(shown) ??
    readVerdict(shown) ??
    pastVerdict(shown) ??
    queryVerdict(shown),
  leak: (shown) => leakVerdict(shown) ?? queryVerdict(shown),
  protocol: messageVerdict,
  state: messageVerdict,
  validation: messageVerdict,
};

const byMessage = [
  replyVerdict,
  queryVerdict,
  memberVerdict,
  claimVerdict,
  guestVerdict,
  fieldsVerdict,
  figuresVerdict,
  storyVerdict,
];

function messageVerdict(shown: Case): ScriptVerdict | undefined {
  for (const verdict of byMessage) {
    const found = verdict(shown);
    if (found) return found;
  }
  return undefined;
}

/** What takes a model to tell is left to the reader: the script does the steps and prints what QEMU said. */
function undecidable(): ScriptVerdict {
  return {
    ends: 'arena',
    ending: [
      'cat log',
      `cannot ${quote("a script can't tell; look above for what this script says under Seen")}`,
    ],
  };
}
