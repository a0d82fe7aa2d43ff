import type { Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import { showsMigrationEnd } from '../reading/migration.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const descriptors: Rule = {
  name: 'leak/descriptors',
  kind: 'leak',
  statement: 'Once the arena is taken apart, QEMU has no more file descriptors open than before it was made.',
  source:
    'we expect it: every node, export and iothread closes its descriptors with itself (block/file-posix.c, raw_close; iothread.c); the count was the same after each of 900 random sequences on every version and flavour',
};
const threads: Rule = {
  name: 'leak/threads',
  kind: 'leak',
  statement: 'Once the arena is taken apart, QEMU has no more iothreads than before it was made.',
  source:
    'we expect it: iothread.c, iothread_instance_finalize: object-del joins the thread; up to 10.0 threads have no names; other threads outlive their work: util/thread-pool.c, nbd/client-connection.c',
  since: '11.1',
};
const memory: Rule = {
  name: 'leak/memory',
  kind: 'leak',
  statement: "A long session's memory is flat: it does not grow far beyond what it needed when it was warm.",
  source:
    'we expect it: blockdev-del, block-export-del and job-dismiss free what they name; bounds measured over 10,000 sequences',
};

/** Pools of threads and coroutines breathe; a leak of a kilobyte a sequence passes this only in a very long session. */
const allowedGrowth = { factor: 3, bytes: 256 * 2 ** 20 };

/** What QEMU's process holds. */
export const heldByProcess: RuleFamily = {
  rules: [descriptors, threads, memory],
  judge(evidence, ledger) {
    const { trace } = evidence;
    const shown = trace.flatMap((seen, at) => (seen.kind === 'process' ? [{ ...seen, at }] : []));
    const [before, after] = [shown[0], shown[1]];
    if (!before || !after) return [];
    const isCounted = before.threads !== undefined && after.threads !== undefined;
    const isWarm = Boolean(after.earlyBytes && after.residentBytes);
    // What stays because a node stays is that leak, and an unsettled session has its jobs still.
    const isUnsettled = trace.some((seen) => seen.kind === 'leftover' || seen.kind === 'expired');
    const migrates = mayMigrate(evidence, after.at);
    const isOpen = (rule: Rule): boolean => isUnsettled || (migrates && rule !== memory);
    const ruling = (rule: Rule, broken: Violation[]): Violation[] => {
      if (isOpen(rule)) ledger.undecided(rule, 'not settled');
      else if (broken.length === 0) ledger.held(rule);
      return isOpen(rule) ? [] : broken;
    };
    return [
      ...ruling(descriptors, moreDescriptors(before, after)),
      ...(isCounted ? ruling(threads, moreThreads(before, after)) : []),
      ...(isWarm ? ruling(memory, moreMemory(after)) : []),
    ];
  },
};

/** A migration has its channel, and a thread of its own; it may wait for its switchover as long as nobody says more. */
function mayMigrate(evidence: Evidence, until: Place): boolean {
  const { exchanges, trace, byReply } = evidence;
  const begun = exchanges.findLast(
    (each) => /^migrate(-incoming)?$/.test(each.name) && each.sent < until && !replyOf(evidence, each)?.error,
  );
  if (!begun) return false;
  return !trace.some(
    (seen, at) => at > begun.sent && at < until && showsMigrationEnd(seen, byReply.get(at as Place)),
  );
}

type Held = Extract<Observation, { kind: 'process' }> & { at: Place };

function moreDescriptors(before: Held, after: Held): Violation[] {
  if (after.descriptors <= before.descriptors) return [];
  const facts: Fact = {
    shape: 'left',
    what: 'descriptors',
    before: before.descriptors,
    after: after.descriptors,
  };
  return [{ rule: descriptors, at: after.at, facts }];
}

function moreThreads(before: Held, after: Held): Violation[] {
  if (before.threads === undefined || after.threads === undefined || after.threads <= before.threads)
    return [];
  const facts: Fact = { shape: 'left', what: 'iothreads', before: before.threads, after: after.threads };
  return [{ rule: threads, at: after.at, facts }];
}

function moreMemory({ residentBytes, earlyBytes, at }: Held): Violation[] {
  if (
    !earlyBytes ||
    !residentBytes ||
    residentBytes <= Math.max(allowedGrowth.factor * earlyBytes, earlyBytes + allowedGrowth.bytes)
  )
    return [];
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
  const facts: Fact = {
    shape: 'left',
    what: 'memory',
    beforeMib: mib(earlyBytes),
    afterMib: mib(residentBytes),
  };
  return [{ rule: memory, at, facts }];
}
