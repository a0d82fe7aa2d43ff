import { h } from './dom.ts';

/** What `draw` makes of all versions together, or of the one that is chosen. Of none there is nothing to choose. */
export function versionChoice<T extends { version: string }>(
  versions: readonly T[],
  draw: (one: T | undefined) => HTMLElement[],
): HTMLElement {
  const body = h('div', {});
  const choice = h(
    'select',
    { onchange: show },
    h('option', { value: '' }, 'all together'),
    ...versions.map(({ version }) => h('option', { value: version }, version)),
  );
  show();
  return h(
    'div',
    {},
    versions.length > 0 && h('p', { class: 'line' }, h('label', {}, 'QEMU ', choice)),
    body,
  );

  function show(): void {
    body.replaceChildren(...draw(versions.find(({ version }) => version === choice.value)));
  }
}
