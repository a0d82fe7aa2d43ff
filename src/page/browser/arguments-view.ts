import type { ArgumentCoverage } from '../model.ts';
import { h } from './dom.ts';
import { grouped } from './numbers.ts';
import { framedTable } from './tables.ts';

/** Each command with the kinds of values that its arguments had; a table is made when it is opened. */
export function argumentsView(commands: readonly ArgumentCoverage[]): HTMLElement {
  const kinds = commands.reduce((sum, { values }) => sum + values.length, 0);
  return h(
    'details',
    {},
    h('summary', {}, `${commands.length} commands with arguments, ${grouped(kinds)} kinds of values`),
    ...commands.map(commandDetails),
  );
}

function commandDetails({ command, values }: ArgumentCoverage): HTMLElement {
  const names = new Set(values.map(({ argument }) => argument)).size;
  const refusedOnly = values.filter(({ accepted }) => accepted === 0).length;
  const body = h('div', {});
  return h(
    'details',
    {
      ontoggle: () => {
        if (body.childElementCount === 0) body.append(valuesTable(command, values));
      },
    },
    h(
      'summary',
      {},
      h('code', {}, command),
      h(
        'span',
        { class: 'muted' },
        ` ${names} argument${names === 1 ? '' : 's'}, ${values.length} kind${values.length === 1 ? '' : 's'} of values${refusedOnly > 0 ? `, ${refusedOnly} only ever refused` : ''}`,
      ),
    ),
    body,
  );
}

const valuesTable = (command: string, values: ArgumentCoverage['values']): HTMLElement =>
  framedTable(
    `Arguments of ${command}`,
    ['argument', 'value', 'accepted', 'refused'],
    values.map(({ argument, kind, accepted, refused }, i) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, argument === values[i - 1]?.argument ? '' : h('code', {}, argument)),
        h('td', {}, kind),
        h('td', { class: accepted === 0 ? 'number muted' : 'number' }, `${accepted}`),
        h('td', { class: refused === 0 ? 'number muted' : 'number' }, `${refused}`),
      ),
    ),
  );
