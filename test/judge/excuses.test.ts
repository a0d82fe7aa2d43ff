import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import type { WhyUndecided } from '../../src/judge/why-undecided.ts';
import { bitmapTales } from './integrity/bitmap-tales.ts';
import { faultTales } from './integrity/fault-tales.ts';
import { integrityTales } from './integrity/tales.ts';
import { story } from './story.ts';
import { tales } from './tales/tales.ts';

/** What excuses a rule: its cause, and its end. `within`: the tale in which it excuses, `after`: the one in which it is over. */
type Excuse = {
  rule: string;
  /** `held`: what came of it is explained. */
  why: WhyUndecided | 'held';
  cause: string;
  end: string;
  within: string;
  after: string;
};

const excuses: readonly Excuse[] = [
  {
    rule: 'hang/pause',
    why: 'server trouble',
    cause:
      'the NBD server of a disk that the job has to do with is frozen; of any disk while another job lives',
    end: 'it is well again',
    within: 'its server is frozen',
    after: 'a server was frozen, and is well again',
  },
  {
    rule: 'hang/pause',
    why: 'server trouble',
    cause: 'such a server is gone, and its client has a reconnect-delay',
    end: 'so many seconds after that, or after the command',
    within: 'its client waits for five seconds',
    after: 'its client waits for a second',
  },
  {
    rule: 'hang/cancel',
    why: 'server trouble',
    cause: 'the same, but not of a raw target of a mirror or backup, which a cancel by force lets go of',
    end: 'the same',
    within: 'it is the source whose client waits',
    after: 'its target has no server, and the client would wait for half a minute',
  },
  {
    rule: 'hang/complete',
    why: 'error met',
    cause: 'a request of the job has failed',
    end: 'all injected errors were lifted, and a job that one has stopped was resumed',
    within: 'the error is still there',
    after: 'the error that it has met was lifted before',
  },
  {
    rule: 'hang/complete',
    why: 'error met',
    cause: 'the same, of an error that comes once',
    end: 'the job has said so, and no other error can have been meant',
    within: 'an error that comes once was met, and there is another',
    after: 'the only error came once, and it has met it',
  },
  {
    rule: 'hang/complete',
    why: 'others write',
    cause: "a guest's write to a disk that the job has to do with, or a job beside it",
    end: 'the write ended before the job was started',
    within: 'the write that was begun before it was started goes on',
    after: 'the guest wrote before it was started, and reads',
  },
  {
    rule: 'hang/no-progress',
    why: 'server trouble',
    cause: 'as of a pause',
    end: 'as of a pause',
    within: 'its server is frozen',
    after: 'its server was frozen, and is well again',
  },
  {
    rule: 'hang/guest-request',
    why: 'held back',
    cause: 'stop, or a command that takes the device or its export away',
    end: 'cont; what was refused excuses nothing',
    within: 'the machine was stopped',
    after: 'the machine was stopped, and goes on',
  },
  {
    rule: 'hang/guest-request',
    why: 'held back',
    cause: 'a disk of the arena has a throttle',
    end: 'settling has lifted the limits of all of them, and drained what slept on',
    within: 'its limits were lifted only now',
    after: 'its disk was throttled until all limits were lifted',
  },
  {
    rule: 'hang/guest-request',
    why: 'throttled',
    cause: 'a step has limited a device',
    end: 'all its limits are 0; never where it shares them with a group',
    within: 'the limits of another device were set to 0',
    after: 'its device was limited until all limits were 0',
  },
  {
    rule: 'hang/pause',
    why: 'throttled',
    cause: 'a step has put a node in that throttles',
    end: 'it was deleted',
    within: 'there is a node that throttles',
    after: 'a node that throttles was deleted before',
  },
  {
    rule: 'hang/command',
    why: 'server trouble',
    cause: 'a server in trouble, as of a pause',
    end: 'as of a pause; none while a job ignores errors by the thousand',
    within: 'its client waits for it',
    after: 'a server is gone, for which no request waits',
  },
  {
    rule: 'hang/stalled',
    why: 'others write',
    cause: 'a request of the guest',
    end: 'it has ended before the job was waited for',
    within: 'a write of the guest goes on',
    after: 'the guest has written before it was waited for',
  },
  {
    rule: 'hang/stalled',
    why: 'held back',
    cause: 'an error was injected, or QEMU was stopped, or a transaction is under way',
    end: 'it was lifted, goes on, or was answered, before the job was waited for',
    within: 'an error is in force',
    after: 'an error was lifted before it was waited for',
  },
  {
    rule: 'hang/settle',
    why: 'server trouble',
    cause: 'QEMU was told to quit, and a server is in trouble',
    end: 'two seconds after its requests have failed',
    within: 'its client waits for nine seconds',
    after: 'QEMU stays after quit, though its client waits for a second at most',
  },
  {
    rule: 'state/error-policy',
    why: 'error unknown',
    cause: 'errors of several numbers were injected, and the policy asks which one it was',
    end: 'for jobs that are started once all but one are lifted or, of those that come once, met',
    within: 'there was room again only after it was started',
    after: 'enospc stops at an error, and there was room again before it was started',
  },
  {
    rule: 'state/error-caused',
    why: 'held',
    cause: 'an error was injected on a disk that the job has to do with',
    end: 'for jobs that are started after it was lifted; never for one of writes to other formats than raw and qcow2, whose tables it may have left half done',
    within: 'the error was lifted only after it was started',
    after: 'the error was lifted before it was started',
  },
  {
    rule: 'state/error-caused',
    why: 'held',
    cause: 'the same, of an error that comes once',
    end: 'for jobs that are started after one has met it, where no other error can have been meant',
    within: 'two errors came once, and another job has met one of them',
    after: 'the error came once, and another job has met it',
  },
  {
    rule: 'state/error-named',
    why: 'held',
    cause: 'the error that it names was injected',
    end: 'as of `state/error-policy`',
    within: 'it names one that was lifted after it was started',
    after: 'it names an error that was lifted before it was started',
  },
  {
    rule: 'state/error-announced',
    why: 'error unknown',
    cause: 'an error of tables, flushes or block status, of which no event tells',
    end: 'as of `state/error-policy`',
    within: 'an error of flushes was over only after it was started',
    after: 'an error of flushes was over before it was started',
  },
  {
    rule: 'integrity/guest-disk',
    why: 'held',
    cause:
      'writes or flushes of its qcow2 image, or of one below it, were made to fail: what was not flushed may be lost',
    end: 'what failed them was taken out, which flushes, and the image was not closed meanwhile; never where a command, or a job other than mirror and backup, failed meanwhile: a header may be half done',
    within: 'writes fail as QEMU ends',
    after: 'an acknowledged write is not there, though writes were made to fail only for a while',
  },
  {
    rule: 'integrity/guest-disk',
    why: 'write errors',
    cause: 'the same, of an error that comes once',
    end: 'a job has met it, where no other error can have been meant; with the same exceptions',
    within: 'one of two errors that come once was met, and the other may have met what is written last',
    after: 'a write to the target failed once, and it was not written again',
  },
  {
    rule: 'integrity/guest-disk',
    why: 'too small',
    cause:
      'what differs is 16 bytes at most, where the content that is due changes within a stamp of 16 bytes',
    end: 'more differs, or elsewhere',
    within: 'where an odd write ends no more is other than a stamp is long',
    after: 'where an odd write ends more is damaged than a stamp is long',
  },
  {
    rule: 'integrity/readable',
    why: 'write errors',
    cause: 'as of `integrity/guest-disk`, whatever the format',
    end: 'as of `integrity/guest-disk`',
    within: 'an image can not be opened, and writes to it failed as QEMU ended',
    after: 'an image can not be opened, though writes to it were made to fail only for a while',
  },
  {
    rule: 'integrity/bitmap-stored',
    why: 'write errors',
    cause: 'as of `integrity/guest-disk`, of any disk',
    end: 'as of `integrity/guest-disk`',
    within: 'a write to the image was made to fail',
    after: 'writes were made to fail, and work again before it is closed',
  },
];

const taleOf = (rule: string, says: string) =>
  [...tales, ...integrityTales, ...faultTales, ...bitmapTales].find(
    (tale) => tale.rule === rule && tale.says === says && tale.story !== '',
  );

function verdictOf(rule: string, says: string) {
  const tale = taleOf(rule, says);
  if (!tale) throw new Error(`no tale of ${rule}: ${says}`);
  const { verdicts } = judge(story(tale.story, tale.setting));
  return verdicts.find((each) => each.rule.name === rule);
}

describe('an excuse ends with its cause', () => {
  test.each(excuses)('$rule: $within', ({ rule, why, within }) => {
    const verdict = verdictOf(rule, within);
    expect(verdict?.broken).toBe(0);
    if (why === 'held') expect(verdict?.held).toBeGreaterThan(0);
    else expect(verdict?.undecided.map((each) => each.why)).toContain(why);
  });

  test.each(excuses)('$rule: $after', ({ rule, after }) => {
    expect(verdictOf(rule, after)?.broken).toBeGreaterThan(0);
  });

  test('and the page says when', () => {
    const page = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
    const rows = excuses.map(({ rule, why, cause, end }) => `| \`${rule}\` | ${why} | ${cause} | ${end} |`);
    expect(page).toContain(
      ['| rule | undecided as | cause | end |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    );
  });
});
