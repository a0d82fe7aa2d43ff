import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { culprit } from './culprit.ts';

const leftover: Rule = {
  name: 'leak/leftover',
  kind: 'leak',
  statement: 'After every job has ended, all nodes, exports and objects can be removed and nothing is left.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-del: "Deletes a block device that has been added using blockdev-add."; it fails only for a node that is in use; qapi/job.json, job-dismiss',
};

const openFile: Rule = {
  name: 'leak/open-file',
  kind: 'leak',
  statement: 'An image is closed, and its lock gone, once no node uses it.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-del: "Deletes a block device that has been added using blockdev-add."; block/file-posix.c, raw_close; another process must be able to open the image then',
};

/** What a settled session must not have any more. */
export const leak: RuleFamily = {
  rules: [leftover, openFile],
  judge(evidence, ledger) {
    const { trace } = evidence;
    let isLookedAt = false;
    let isExpired = false;
    for (const seen of trace) {
      if (seen.kind === 'phase' && seen.phase === 'teardown') isLookedAt = true;
      if (seen.kind === 'exit' || seen.kind === 'disconnect') isLookedAt = false;
      if (seen.kind === 'expired' && seen.what !== 'guest') isExpired = true;
    }
    // A session that never settled has its jobs still, and the hang is what is reported.
    if (isExpired) {
      if (isLookedAt) for (const rule of [leftover, openFile]) ledger.undecided(rule, 'not settled');
      return [];
    }
    const left = trace.flatMap((seen, at) => (seen.kind === 'leftover' ? [{ at, ...seen }] : []));
    const nodeLeft = left.some(({ what }) => what === 'node');
    const isFileLeft = left.some(({ what }) => what === 'file');
    if (isLookedAt && left.every(({ what }) => what === 'file')) ledger.held(leftover);
    if (isLookedAt && !isFileLeft) ledger.held(openFile);
    if (isFileLeft && nodeLeft) ledger.undecided(openFile, 'not settled');
    return left.flatMap(({ at, what, names }): Violation[] => {
      // A node that stays keeps its file open: that is one leak, not two.
      if (what === 'file' && nodeLeft) return [];
      const by = what === 'node' || what === 'file' ? culprit(evidence, names) : undefined;
      const rule = what === 'file' ? openFile : leftover;
      return [{ rule, at, facts: { shape: 'left', what, names, ...(by ? { by } : {}) } }];
    });
  },
};
