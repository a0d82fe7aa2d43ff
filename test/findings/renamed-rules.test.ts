import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseFinding } from '../../src/findings/finding.ts';

const store = join(import.meta.dirname, '../../findings');
const [some] = readdirSync(store).filter((name) => /^[0-9a-f]{12}$/.test(name));
const stored = JSON.parse(readFileSync(join(store, String(some), 'finding.json'), 'utf8'));

test('a finding that was stored under the old name of a rule is met again under the one of today', () => {
  const old = {
    ...stored,
    rule: 'validation/node-busy',
    signature: 'validation/node-busy: block_resize succeeds',
  };
  const { rule, signature, id } = parseFinding(JSON.stringify(old), 'finding.json');
  expect({ rule, signature }).toEqual({
    rule: 'graph/node-held',
    signature: 'graph/node-held: block_resize succeeds',
  });
  expect(id).toBe(stored.id);
});
