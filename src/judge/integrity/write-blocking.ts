import type { IntegrityRule } from './integrity-rule.ts';
import { brokenPromises } from './promised.ts';

export const writeBlocking: IntegrityRule = {
  rule: {
    name: 'integrity/write-blocking',
    kind: 'integrity',
    statement:
      'With copy-mode=write-blocking, a write that began after READY and was acknowledged is on the target, however the mirror ends; a raw target has it even if QEMU is killed. Not judged: grains that a request touches which was in flight when the mirror got READY.',
    source:
      'qapi/block-core.json (QEMU 10.0), MirrorCopyMode: "when data is written to the source, write it (synchronously) to the target as well."; block/mirror.c, do_sync_target_write leaves to the background what is dirty',
  },
  judge: (evidence, story, ledger) =>
    brokenPromises(evidence, story, { rule: writeBlocking.rule, by: 'write-blocking' }, ledger),
};
