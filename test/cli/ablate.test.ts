import { expect, test } from 'vitest';
import { openFindings } from '../../src/findings/store.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { storeFinding } from './stored-finding.ts';

const qemu = oneQemu();
const claimed = [{ qmp: 'query-jobs' }, { qmp: 'query-version', expect: 'error' }];

test.runIf(qemu !== undefined)(
  'the step that is decisive is told, and the finding keeps the table',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir, { steps: claimed });
    const { code, stdout } = await mirrorfuzz([
      ...['findings', 'ablate', id, '--findings', dir, '--qemu', `${qemu?.version}`, '--flavour', 'daemon'],
    ]);
    expect(stdout).toMatch(/^5\/5 +without step 1/m);
    expect(stdout).toMatch(/^0\/5 +decisive +without step 2/m);
    expect(code).toBe(0);
    const { ablation } = openFindings(dir).read(id).finding;
    expect(ablation?.whole).toEqual({ ok: 10, of: 10 });
    expect(ablation?.rows[1]).toMatchObject({ what: expect.stringMatching(/^without step 2/), ok: 0, of: 5 });
  },
);

test.runIf(qemu !== undefined)(
  'where the finding does not show there is nothing to leave out: exit code 2',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir, { steps: [{ qmp: 'query-jobs' }] });
    const { code, stderr } = await mirrorfuzz([
      ...['findings', 'ablate', id, '--findings', dir, '--qemu', `${qemu?.version}`],
    ]);
    expect(stderr).toMatch(/the finding does not show on/);
    expect(code).toBe(2);
  },
);
