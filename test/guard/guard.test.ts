import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bugReport } from '../../src/findings/bug-report/bug-report.ts';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { qmpText } from '../../src/findings/export/qmp.ts';
import { caseOf } from '../../src/findings/repro/in-current-qmp.ts';
import { reproScript } from '../../src/findings/repro/script.ts';
import { findingId, signatureOf } from '../../src/findings/signature.ts';
import { openFindings } from '../../src/findings/store.ts';
import { wordsOf } from '../../src/judge/facts/words.ts';
import { judge } from '../../src/judge/judge.ts';
import { mutants } from './mutants.ts';
import { brokenIn, taleGroups } from './tales.ts';
import { recognised, told } from './told.ts';

/*
 * What violations say, what they are recognised by, and what becomes of them in reproducers, kept as files to be read:
 * whoever changes one of these on purpose sees in the diff what else has changed. `npx vitest -u` takes the new ones.
 */

const snapshot = (name: string): string => join(import.meta.dirname, 'snapshots', name);

describe('every tale says the same as before', () => {
  test.each(Object.keys(taleGroups))('%s', async (group) => {
    const text = (taleGroups[group] ?? []).flatMap((tale) => {
      const { name, trace } = tale;
      const violations = brokenIn(group, tale);
      return violations.length === 0
        ? []
        : [
            `# ${name}`,
            ...violations.map((violation) => {
              const { rule, text: says, signature, looks, exports } = told(violation, trace);
              const at = `${violation.at}${violation.step === undefined ? '' : `, step ${violation.step}`}`;
              const lines = [says, `= ${signature}`, ...looks.split('\n'), `: ${exports}`];
              return [`${rule} at ${at}`, ...lines.map((line) => `    ${line}`)].join('\n');
            }),
            '',
          ];
    });
    await expect(text.join('\n')).toMatchFileSnapshot(snapshot(`tales/${group}.txt`));
  });
});

test('recorded sessions with one event dropped, doubled or swapped break the same rules as before', async () => {
  const lines = new Map<string, number>();
  for (const { trace, schema } of mutants()) {
    for (const violation of judge(trace, schema).violations) {
      const line = recognised(violation, trace);
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
  }
  const text = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([line, count]) => `${count} x ${line}\n`);
  await expect(text.join('')).toMatchFileSnapshot(snapshot('mutants.txt'));
});

const store = openFindings(join(import.meta.dirname, '../../findings'));

describe('every committed finding is recognised and told as before', () => {
  test.each(
    store
      .list()
      .findings.map(({ id }) => id)
      .sort(),
  )('%s', async (id) => {
    const stored = store.read(id);
    const { finding } = stored;
    const trace = stored.trace();
    const shown = caseOf(finding, trace);
    const verdicts = judge(trace).violations.map((violation) => {
      const signature = signatureOf(violation, trace);
      return `${violation.rule.name} at ${violation.at}: ${wordsOf(violation)}\n    = ${signature} (${findingId(signature)})`;
    });
    const parts = {
      verdicts: verdicts.join('\n'),
      'repro.sh': reproScript(finding, trace),
      iotest: iotestText(shown),
      qmp: qmpText(shown.plan),
      report: bugReport(finding, trace),
    };
    const text = Object.entries(parts).map(([name, part]) => `======== ${name}\n${part.trimEnd()}\n`);
    await expect(text.join('\n')).toMatchFileSnapshot(snapshot(`findings/${id}.txt`));
  });
});
