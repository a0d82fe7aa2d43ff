import type { ArgumentCoverage, VersionPart } from '../model.ts';
import { argumentRows } from './argument-rows.ts';
import { h, svg } from './dom.ts';
import { grouped } from './numbers.ts';
import { framedTable } from './tables.ts';
import { versionChoice } from './version-choice.ts';

/** Each command with how it was answered, what its arguments had, and what never came; a table is made when it is opened. */
export function argumentsView(
  commands: readonly ArgumentCoverage[],
  byVersion: readonly VersionPart[],
): HTMLElement {
  const opened = new Set<string>();
  const versions = byVersion.flatMap(({ version, values }) => (values ? [{ version, values }] : []));
  return versionChoice(versions, (one) => commandList(one?.values ?? commands, opened));
}

/** What was open stays open with another version. */
function commandList(commands: readonly ArgumentCoverage[], opened: Set<string>): HTMLElement[] {
  const sent = commands.filter(isSent);
  const never = commands.filter((each) => !isSent(each));
  return [
    h('p', { class: 'muted' }, overall(commands, sent)),
    ...sent.map((each) => commandDetails(each, opened)),
    ...(never.length > 0
      ? [
          h(
            'details',
            {},
            h('summary', {}, `${counted(never.length, 'command')} never sent`),
            h('ul', { class: 'columns' }, ...never.map(({ command }) => h('li', {}, h('code', {}, command)))),
          ),
        ]
      : []),
  ];
}

const isSent = ({ outcomes, values }: ArgumentCoverage): boolean => outcomes.length + values.length > 0;

function overall(commands: readonly ArgumentCoverage[], sent: readonly ArgumentCoverage[]): string {
  const sum = (count: (each: ArgumentCoverage) => number): number =>
    commands.reduce((all, each) => all + count(each), 0);
  const kinds = `${grouped(sum(({ values }) => values.length))} kinds of values`;
  if (commands.every((each) => each.never === undefined))
    return `${counted(sent.length, 'command')} sent, with ${kinds}.`;
  const missed = sum((each) => each.never?.outcomes.length ?? 0);
  return `${sent.length} of ${counted(commands.length, 'command')} were sent, with ${kinds}; ${grouped(sum(neverDrawn))} more never came. Of what they could answer ${grouped(missed)} outcomes never came. The bar is the share of kinds that came.`;
}

const neverDrawn = ({ never }: ArgumentCoverage): number =>
  (never?.values ?? []).reduce((sum, { kinds }) => sum + kinds.length, 0);

function commandDetails(each: ArgumentCoverage, opened: Set<string>): HTMLElement {
  const { command, outcomes, values, never } = each;
  const body = h('div', {});
  const possible = values.length + neverDrawn(each);
  const kinds = never
    ? `${values.length} of ${counted(possible, 'kind')} of values`
    : `${counted(values.length, 'kind')} of values`;
  const details = h(
    'details',
    { class: 'command', open: opened.has(command), ontoggle: toggle },
    h(
      'summary',
      {},
      share(values.length, never ? possible : 0),
      h('code', {}, command),
      h(
        'span',
        { class: 'muted' },
        ` ${outcomes.map(({ outcome, times }) => `${outcome} ${grouped(times)}`).join(', ')}; ${possible === 0 ? 'no arguments' : kinds}`,
      ),
    ),
    body,
  );
  return details;

  function toggle(): void {
    if (details.open) opened.add(command);
    else opened.delete(command);
    if (body.childElementCount > 0) return;
    if (never && never.outcomes.length > 0)
      body.append(h('p', { class: 'muted' }, `○ never answered: ${never.outcomes.join(', ')}`));
    if (possible > 0)
      body.append(
        framedTable(
          `Arguments of ${command}`,
          ['argument', 'value', 'accepted', 'refused'],
          argumentRows(each),
        ),
      );
    if (body.childElementCount === 0) body.append(h('p', { class: 'muted' }, 'It has no arguments.'));
  }
}

/** A bar, which the words beside it say too; empty where it is not known of what it would be the share. */
function share(part: number, whole: number): SVGElement {
  const width = whole === 0 ? 0 : (part / whole) * shareWidth;
  return svg(
    'svg',
    { class: 'share', viewBox: `0 0 ${shareWidth} 10`, 'aria-hidden': 'true' },
    whole > 0 && svg('rect', { width: shareWidth, height: 10, class: 'whole' }),
    svg('rect', { width: width.toFixed(1), height: 10, class: 'part' }),
  );
}
const shareWidth = 60;

const counted = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
