import { create } from 'xmlbuilder2';
import { printable } from '../printable.ts';
import type { GateItem, GateOutcome } from './gate-outcome.ts';

/**
 * The JUnit XML that CI servers read, by the schema of Jenkins' xUnit plugin (junit-10): a suite a phase, a test case an
 * item. What is flaky or known passes, and says so on its output; what is undecided is an error, what was not run skipped.
 */
export function junitText(outcome: GateOutcome): string {
  const phases = [...Map.groupBy(outcome.items, ({ phase }) => phase)];
  const seconds = (outcome.elapsedMs / 1000).toFixed(3);
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: 'mirrorfuzz gate',
    ...countsOf(outcome.items),
    time: seconds,
  });
  for (const [phase, items] of phases) {
    const suite = root.ele('testsuite', {
      name: phase,
      ...countsOf(items),
      skipped: String(items.filter(({ verdict }) => verdict === 'skipped').length),
      timestamp: outcome.startedAt.replace(/\.\d+Z$/, ''),
    });
    for (const item of items) addCase(suite, item);
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

type Node = ReturnType<ReturnType<typeof create>['ele']>;

function addCase(suite: Node, item: GateItem): void {
  const on = [item.flavour, ...(item.storage === null ? [] : [item.storage])].join(', ');
  const node = suite.ele('testcase', {
    classname: `mirrorfuzz.${item.phase}`,
    name: legal(`${item.name} (${on}) on ${item.qemu}`),
  });
  const message = legal(
    item.verdict === 'fail' || item.verdict === 'flaky' ? `${item.title}: ${item.reason}` : item.reason,
  );
  switch (item.verdict) {
    case 'fail':
      node.ele('failure', { type: legal(item.rule ?? 'fail'), message }).txt(legal(details(item)));
      return;
    case 'unknown':
      node.ele('error', { type: 'undecided', message });
      return;
    case 'skipped':
      node.ele('skipped', { message });
      return;
    case 'flaky':
    case 'known':
    case 'fixed':
      node.ele('system-out').txt(`${item.verdict}: ${message}`);
      return;
    case 'pass':
      return;
    default:
      item.verdict satisfies never;
  }
}

function details({ title, reason, path, reproduce }: GateItem): string {
  return [title, reason, path, ...(reproduce === null ? [] : [`Reproduce with: ${reproduce}`])].join('\n');
}

function countsOf(items: readonly GateItem[]): Record<'tests' | 'failures' | 'errors', string> {
  const count = (verdict: GateItem['verdict']): string =>
    String(items.filter((item) => item.verdict === verdict).length);
  return { tests: String(items.length), failures: count('fail'), errors: count('unknown') };
}

/** XML 1.0 has no place for control characters, halves of pairs and two that are no characters. */
const legal = (text: string): string =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replaceAll(/[\ufffe\uffff]/g, '?');
