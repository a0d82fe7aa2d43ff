import type { ArgumentCoverage } from '../model.ts';
import { h } from './dom.ts';

/** A row for each kind of value that came, and of each argument one of what never came. */
export function argumentRows({ values, never }: ArgumentCoverage): HTMLElement[] {
  const missed = new Map(never?.values.map(({ argument, kinds }) => [argument, kinds]));
  const names = new Set([...values.map(({ argument }) => argument), ...missed.keys()]);
  return [...names]
    .sort((a, b) => a.localeCompare(b, 'en'))
    .flatMap((name) => {
      const drawn = values.filter(({ argument }) => argument === name);
      const kinds = missed.get(name) ?? [];
      return [
        ...drawn.map((each, i) => drawnRow(i === 0 ? name : '', each)),
        ...(kinds.length > 0 ? [neverRow(drawn.length === 0 ? name : '', kinds, drawn.length === 0)] : []),
      ];
    });
}

const drawnRow = (
  name: string,
  { kind, accepted, refused }: ArgumentCoverage['values'][number],
): HTMLElement =>
  h(
    'tr',
    {},
    headOf(name),
    h('td', {}, kind),
    h('td', { class: accepted === 0 ? 'number muted' : 'number' }, `${accepted}`),
    h('td', { class: refused === 0 ? 'number muted' : 'number' }, `${refused}`),
  );

const neverRow = (name: string, kinds: readonly string[], isNeverGiven: boolean): HTMLElement =>
  h(
    'tr',
    {},
    headOf(name),
    h('td', { class: 'muted', colspan: 3 }, `○ never${isNeverGiven ? ' given' : ''}: ${kinds.join(', ')}`),
  );

const headOf = (name: string): HTMLElement =>
  h('th', { scope: 'row' }, name === '' ? '' : h('code', {}, name));
