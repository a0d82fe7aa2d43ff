import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configJsonSchema } from '../../src/gate/config-json-schema.ts';
import { configSchema } from '../../src/gate/policy.ts';

test('the JSON schema that ships for editors is what the program checks: node scripts/config-schema.ts', () => {
  const shipped = readFileSync(
    new URL('../../schema/mirrorfuzz.config.schema.json', import.meta.url),
    'utf8',
  );
  expect(JSON.parse(shipped)).toEqual(JSON.parse(configJsonSchema()));
});

test('a whole configuration is taken', () => {
  const config = {
    $schema: './node_modules/mirrorfuzz/schema/mirrorfuzz.config.schema.json',
    gate: {
      time: '10m',
      seed: 7,
      flavour: 'both',
      storage: ['file', 'nbd'],
      properties: ['integrity'],
      failOn: ['new', 'worse'],
      kinds: ['hang'],
      failOnFlaky: true,
      quarantine: [{ id: '0123456789ab', until: '2027-01-31', reason: 'being mended' }],
    },
  };
  expect(configSchema.parse(config)).toEqual(config);
});

test.each([
  [{ gate: { quarantine: [{ id: '0123', until: '2027-01-31' }] } }, 'gate.quarantine.0.id'],
  [{ gate: { quarantine: [{ id: '0123456789ab', until: '31.1.2027' }] } }, 'gate.quarantine.0.until'],
  [{ gate: { quarantine: [{ id: '0123456789ab' }] } }, 'gate.quarantine.0.until'],
  [{ gate: { failOn: ['everything'] } }, 'gate.failOn.0'],
  [{ gate: { tme: '10m' } }, 'gate'],
])('a mistake is named by its place: %j', (config, place) => {
  const [issue] = configSchema.safeParse(config).error?.issues ?? [];
  expect(issue?.path.join('.')).toBe(place);
});
