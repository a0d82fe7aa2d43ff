import { expect, test } from 'vitest';
import { limits } from '../../../src/execute/limits.ts';
import { programFor } from '../../../src/target/process/command-line.ts';
import type { Instrument } from '../../../src/target/programs/instruments.ts';
import { onOneQemu } from '../../real/qemus.ts';
import { driving } from '../driving.ts';

onOneQemu((driven) => {
  const { flavour, target } = driven;
  const watchedBy = (...instruments: Instrument[]) => ({
    ...driven,
    target: { ...target, [flavour]: { ...programFor(target, flavour), instruments } },
  });
  const counting = driving(watchedBy('gcov'));
  const plain = driving(watchedBy('edges'));

  const leaking = driving(watchedBy('AddressSanitizer'));

  // A session is the same in both flavours.
  test.runIf(flavour === 'daemon')(
    'where leaks are told at the end, what quits has a QEMU of its own',
    async () => {
      for (const qemu of [leaking, plain]) {
        for (let i = 0; i < 2; i++) expect((await qemu.run({ steps: [] })).pristine).toBe(true);
        await qemu.run({ steps: [{ qmp: 'quit' }] });
      }
      expect([leaking.sessions().started(), plain.sessions().started()]).toEqual([2, 1]);
    },
  );

  test.runIf(flavour === 'daemon')(
    'a build that counts when it quits does so often; another serves on',
    async () => {
      for (let i = 0; i < limits.watchedSequences; i++) {
        expect((await counting.run({ steps: [] })).pristine).toBe(true);
        await plain.run({ steps: [] });
      }
      expect([counting.sessions().session(), plain.sessions().session()?.exited()]).toEqual([
        undefined,
        false,
      ]);
    },
  );
});
