import { workOut } from '../../model/content/content.ts';
import { promiseOn } from '../../model/content/settled.ts';
import { durableContent } from './durable.ts';
import { compare, type IntegrityRule } from './integrity-rule.ts';

export const flushed: IntegrityRule = {
  rule: {
    name: 'integrity/flushed',
    kind: 'integrity',
    statement:
      "After QEMU was killed, the image of the guest's disk holds every write that was acknowledged before an acknowledged flush, or with FUA.",
    source:
      'we expect it: NBD protocol, NBD_CMD_FLUSH and NBD_CMD_FLAG_FUA: data is safe once a flush has been acknowledged',
  },
  judge(evidence, story, ledger) {
    if (story.qemu.clean) return [];
    return story.found.flatMap((found) => {
      const promise = promiseOn(story.graph, found.file, story.qemu.at);
      if (!promise?.disk) return [];
      if (promise.content.is !== 'disk') {
        ledger.undecided(flushed.rule, 'content unknown');
        return [];
      }
      const content = durableContent(story, promise.disk);
      const expectation = content && workOut(content, story.sources);
      const { disk } = promise;
      const comparison = { rule: flushed.rule, found, expectation, why: 'after QEMU was killed', disk };
      return compare(evidence, story, comparison, ledger);
    });
  },
};
