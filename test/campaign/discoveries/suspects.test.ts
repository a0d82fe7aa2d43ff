import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hunt } from '../../../src/campaign/hunt.ts';
import { propertyFiles } from '../../../src/campaign/properties.ts';
import { parseSequence } from '../../../src/sequence/parse.ts';
import { oneQemu } from '../../real/qemus.ts';
import { throughProxy } from '../../tamper/tampered-run.ts';
import { temporaryDir } from '../../target/temporary.ts';

// The proxy reads monitors that are streams, as they are where workers share a network.
vi.mock('../../../src/target/confine/isolation.ts', () => ({ isolated: () => undefined }));

const here = oneQemu();

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
