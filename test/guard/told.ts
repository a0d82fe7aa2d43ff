import { createHash } from 'node:crypto';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { iotestVerdict } from '../../src/findings/export/iotest-verdict.ts';
import { qmpText } from '../../src/findings/export/qmp.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import { caseOf } from '../../src/findings/repro/in-current-qmp.ts';
import { reproScript } from '../../src/findings/repro/script.ts';
import { type Case, mustLive } from '../../src/findings/repro/verdict.ts';
import { verdictFor } from '../../src/findings/repro/verdicts.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { wordsOf } from '../../src/judge/facts/words.ts';
import type { Violation } from '../../src/judge/rule.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { crashFound } from '../findings/found.ts';

/** What becomes of a violation: what it says, what it is recognised by, and what reproducers look for. */
export type Told = { rule: string; text: string; signature: string; looks: string; exports: string };

/** In short, for the many. */
export function told(violation: Violation, trace: Trace): Told {
  const finding = findingOf(violation, trace);
  const shown = caseOf(finding, trace);
  return {
    rule: violation.rule.name,
    text: wordsOf(violation),
    signature: finding.signature,
    looks: looksFor(shown).join('\n'),
    exports: [reproScript(finding, trace), iotestText(shown), qmpText(shown.plan)].map(hashOf).join(' '),
  };
}

/** A finding that was never stored. */
export function findingOf(violation: Violation, trace: Trace): Finding {
  const signature = signatureOf(violation, trace);
  const found = {
    ...crashFound(),
    rule: violation.rule,
    signature,
    violation,
    trace,
  };
  return newFinding(found, new Date(0));
}

/** What a violation is recognised by, and whether a script can tell. */
export function recognised(violation: Violation, trace: Trace): string {
  const finding = findingOf(violation, trace);
  const { ending } = verdictFor(caseOf(finding, trace));
  const noScript = ending.some((line) => line.includes("a script can'\\''t tell"));
  return `${finding.signature}${noScript ? ' (no script can tell)' : ''}`;
}

/** The lines by which repro.sh and the iotest tell; those that every one of them has are left out. */
function looksFor(shown: Case): string[] {
  const { plan } = shown;
  const { endless = {}, before, after, ends, ending } = verdictFor(shown);
  const around = plan.steps.flatMap((step) => [...(before?.(step) ?? []), ...(after?.(step) ?? [])]);
  const python = iotestVerdict(shown);
  return [
    ...[
      ...Object.keys(endless).map((what) => `(an endless ${what} shows it)`),
      ...around,
      `(ends ${ends})`,
      ...ending,
    ]
      .flatMap((line) => line.split('\n'))
      .filter((line) => !common.has(line))
      .map((line) => (line.includes("a script can'\\''t tell") ? 'sh: can not tell' : `sh: ${line}`)),
    ...(python === undefined
      ? ['py: not run']
      : [
          ...plan.steps.flatMap((step) => python.reply?.(step) ?? []),
          ...(python.inVm ?? []),
          ...(python.after ?? []),
        ].map((line) => `py: ${line}`)),
  ];
}

const common = new Set(['absent', 'cat log', mustLive]);

/** Without comments: what a rule states may be put otherwise. */
function hashOf(text: string): string {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 8);
}
