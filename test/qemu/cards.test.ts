import { describe, expect, test } from 'vitest';
import { cardOf, cards, jobOf, withPart } from '../../src/qemu/cards.ts';
import { isInRange } from '../../src/qemu/number-range.ts';
import { isWithin, triedSeries } from '../../src/qemu/versions.ts';
import { isAbsent, namesOfOld } from '../../src/qmp/dialect/era.ts';
import { hasArgument } from '../../src/qmp/schema-query.ts';
import { recordedSchemas } from '../golden/golden-traces.ts';

describe.each(recordedSchemas())('the cards and the schema of $program', ({ version, flavour, schema }) => {
  const here = Object.entries(cards).filter(([, card]) => isWithin(version, card));

  test('agree on which commands there are', () => {
    const said = here.flatMap(([name, { only = flavour }]) => (only === flavour ? [name] : []));
    expect(said).toEqual(Object.keys(cards).filter((name) => schema.commands.has(name)));
  });

  test('agree on their arguments', () => {
    const named = here.flatMap(([name]) =>
      schema.commands.has(name) ? argumentsOf(name).map((argument) => ({ name, argument })) : [],
    );
    expect(named.length).toBeGreaterThan(40);
    const lacking = named.filter(({ name, argument }) => !hasArgument(schema, name, argument));
    expect(lacking).toEqual(named.filter(({ name, argument }) => isLater(version, name, argument)));
  });
});

describe('a card', () => {
  test('says of a verb in every spelling the same', () => {
    const byName = Map.groupBy(
      withPart('verb').map(([, { spelling: _, id: __, takes: ___, needs: ____, ...verb }]) => verb),
      ({ name }) => name,
    );
    for (const [, spelt] of byName) for (const verb of spelt) expect(verb).toEqual(spelt[0]);
  });

  test('is undone by a command that has one, too', () => {
    for (const [, undoing] of withPart('undoneBy')) expect(cardOf(undoing)).toBeDefined();
  });

  test('of a job on nodes says which of them it blocks; of one that opens its target, which argument names the file', () => {
    for (const [name, { kind, target }] of withPart('job')) {
      if (kind === 'plain') continue;
      if (target === 'file') expect(cardOf(name)?.file).toBe('target');
      else expect(jobOf(name)?.holds).toBeDefined();
    }
  });

  test('says what the dialects had, and what they called it', () => {
    expect(isAbsent('rhel7', 'job-cancel')).toBe(true);
    expect(isAbsent('rhel7', 'drive-mirror')).toBe(false);
    expect(isAbsent('rhel6', 'drive-mirror')).toBe(true);
    expect(namesOfOld.rhel6).toContain('__com.redhat_drive-mirror');
  });
});

test('a range of powers of two takes these, what it names besides, and nothing else', () => {
  const range = { least: 512, most: 4096, powerOfTwo: true, or: [0] } as const;
  const taken = [-1, 0, 1, 511, 512, 513, 1024, 4096, 8192].filter((value) => isInRange(value, range));
  expect(taken).toEqual([0, 512, 1024, 4096]);
});

/** Every argument that a command's card speaks of. */
function argumentsOf(command: string): string[] {
  const { nodes = {}, names = [], file, numbers = {}, verb, job, change } = cardOf(command) ?? {};
  return [
    ...Object.keys(nodes),
    ...names,
    ...(file === undefined ? [] : [file]),
    ...Object.keys(numbers),
    ...(verb ? [verb.id, ...Object.keys(verb.takes ?? {})] : []),
    ...Object.keys(job?.plain ?? {}),
    ...(job?.onError === 'one' ? ['on-error'] : []),
    ...(job?.onError === 'two' ? ['on-source-error', 'on-target-error'] : []),
    ...(change?.kind === 'deletes node' ? [change.node] : []),
    ...(change?.kind === 'overlays' ? [...change.over, change.overlay] : []),
  ];
}

function isLater(version: string, command: string, argument: string): boolean {
  const since = cardOf(command)?.argumentsSince?.[argument];
  return since !== undefined && !isWithin(version, { since });
}

test('every series is there', () => {
  const series = recordedSchemas().map(({ version }) => version.split('.').slice(0, 2).join('.'));
  expect(new Set(series)).toEqual(new Set(triedSeries));
});
