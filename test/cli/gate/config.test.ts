import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readConfig } from '../../../src/cli/gate/config.ts';
import { UsageError } from '../../../src/errors.ts';
import { temporaryDir } from '../../target/temporary.ts';

test('each mistake in the configuration is a line of its own, and the last one ends the program', () => {
  const file = join(temporaryDir(), 'config.json');
  const gate = { tme: '3m', decidedShare: 2, quarantine: [{ id: '12', until: '2027-01-01' }] };
  writeFileSync(file, JSON.stringify({ gate }));
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    expect(() => readConfig(file)).toThrow(UsageError);
    expect(() => readConfig(file)).toThrow(/config\.json: gate: Unrecognized key: "tme"$/);
  } finally {
    vi.restoreAllMocks();
  }
  expect(lines.slice(0, 2)).toEqual([
    expect.stringMatching(/config\.json: gate\.decidedShare: Too big/),
    expect.stringMatching(/config\.json: gate\.quarantine\.0\.id: must be a finding/),
  ]);
});
