import { printable } from '../printable.ts';
import type { GateItem, GateOutcome } from './gate-outcome.ts';

/** TAP version 14: a test point an item. */
export function tapText({ items, complete, why }: GateOutcome): string {
  const lines = items.map((item, i) => {
    const name = escaped(`${item.name} (${[item.flavour, item.storage].filter(Boolean).join(', ')})`);
    return `${isOk(item) ? 'ok' : 'not ok'} ${i + 1} - ${name}${directive(item)}`;
  });
  const bail = complete ? [] : [`Bail out! ${escaped(why ?? 'not complete')}`];
  return `${['TAP version 14', `1..${items.length}`, ...lines, ...bail].join('\n')}\n`;
}

const isOk = ({ verdict }: GateItem): boolean => verdict !== 'fail' && verdict !== 'unknown';

function directive({ verdict, reason }: GateItem): string {
  if (verdict === 'skipped') return ` # SKIP ${escaped(reason)}`;
  return reason === '' ? '' : `\n# ${verdict}: ${printable(reason)}`;
}

const escaped = (text: string): string => printable(text).replaceAll(/[\\#]/g, '\\$&');
