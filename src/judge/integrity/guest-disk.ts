import { workOut } from '../../model/content/content.ts';
import { promiseOn } from '../../model/content/settled.ts';
import { durableContent } from './durable.ts';
import { compare, type IntegrityRule } from './integrity-rule.ts';
import { mayLoseUnflushed } from './write-faults.ts';

export const guestDisk: IntegrityRule = {
  rule: {
    name: 'integrity/guest-disk',
    kind: 'integrity',
    statement:
      "The image that the guest's disk lies on in the end holds what the guest wrote, whatever jobs ran, failed or were cancelled: no acknowledged write is lost, and nothing else has changed.",
    source:
      'we expect it: no operation is documented to change what the guest sees of its disk; block-job-complete and snapshots change only the image that it lies on',
  },
  judge(evidence, story, ledger) {
    if (!story.qemu.clean) return [];
    return story.found.flatMap((found) => {
      const promise = promiseOn(story.graph, found.file, story.qemu.at);
      if (!promise?.disk) return [];
      const unflushed = mayLoseUnflushed(evidence, story, found.file);
      const content = unflushed ? durableContent(story, promise.disk) : promise.content;
      if (!content) {
        ledger.undecided(guestDisk.rule, 'write errors');
        return [];
      }
      const expectation = workOut(content, story.sources);
      const { why, disk } = promise;
      return compare(evidence, story, { rule: guestDisk.rule, found, expectation, why, disk }, ledger);
    });
  },
};
