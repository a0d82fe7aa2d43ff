import { expect, test } from 'vitest';
import { triedPc } from '../../../src/target/guest/pc-trial.ts';
import { onEveryQemu } from '../../real/qemus.ts';

onEveryQemu(({ target, flavour }) => {
  // A daemon has no machine.
  test.skipIf(flavour === 'daemon')('a build of Debian has every device that a disk may be', async () => {
    expect(await triedPc(target)).toEqual({ lacking: new Set() });
  });
});
