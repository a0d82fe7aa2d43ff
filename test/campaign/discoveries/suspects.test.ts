import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { keepSuspect } from '../../../src/campaign/discoveries/suspects.ts';
import { hunt } from '../../../src/campaign/hunt.ts';
import { propertyFiles } from '../../../src/campaign/properties.ts';
import { parseSequence } from '../../../src/sequence/parse.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { oneQemu } from '../../real/qemus.ts';
import { throughProxy } from '../../tamper/tampered-run.ts';
import { temporaryDir } from '../../target/temporary.ts';

// The proxy reads monitors that are streams, as they are where workers share a network.
vi.mock('../../../src/target/confine/isolation.ts', () => ({ isolated: () => undefined }));

const here = oneQemu();

test('what the findings’ disk can not take is kept in another directory, and both are named', () => {
  const full = join(temporaryDir(), 'a-file');
  writeFileSync(full, '');
  const sequence: Sequence = { schema: 1, title: 'it hangs', arena: { disks: [] }, steps: [] };
  const { file = '', complaint } = keepSuspect(full, sequence, 'it seemed to hang');
  onTestFinished(() => rmSync(dirname(dirname(file)), { recursive: true }));
  expect(complaint).toContain(`can't write to ${full}/suspects`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    title: 'it hangs',
    comment: 'it seemed to hang',
  });
});

test.runIf(here?.daemon)(
  'a sequence that seemed to hang when the hunt was ended is kept and named, since nobody looked at it again',
  async () => {
    const target = here as NonNullable<typeof here>;
    const silent = { at: { command: 'blockdev-add' }, nth: 'every', act: 'drop' } as const;
    const daemon = throughProxy(target.daemon as NonNullable<typeof target.daemon>, [silent]);
    const findingsDir = temporaryDir();
    const warnings: string[] = [];
    const plan = {
      programs: [{ target: { ...target, daemon }, flavour: 'daemon' as const }],
      ...{ workers: 1, seed: '1', properties: ['lifecycle'], propertyFiles: propertyFiles() },
      ...{ budget: { sequences: 1 }, shrink: false, mask: false, feedback: false },
      ...{ findingsDir, seeds: [], tool: { name: 'mirrorfuzz', version: 'test' } },
    };
    const hunting = hunt(plan, (event) => {
      if (event.kind === 'warning') warnings.push(event.message);
      if (event.kind === 'ran') setTimeout(() => void hunting.kill(), 100);
    });
    onTestFinished(() => hunting.kill());
    await hunting.finished;
    expect(warnings).toEqual([expect.stringMatching(/^a sequence seemed to hang, .*\.json$/)]);
    const file = warnings[0]?.split(': ').at(-1) as string;
    expect(dirname(file)).toBe(join(findingsDir, 'suspects'));
    expect(parseSequence(readFileSync(file, 'utf8'), file).comment).toMatch(/^it seemed to hang/);
  },
);
