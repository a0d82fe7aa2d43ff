import { hasTrait } from '../../qemu/versions.ts';
import type { Json } from '../../sequence/step.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { jobsAt } from '../reading/live-jobs.ts';
import { throttledUntil } from '../reading/throttles.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { during } from './during.ts';
import { mayHoldQuit, mayReconnectLate, mayWaitForServer } from './server-waits.ts';

const unanswered: Rule = {
  name: 'hang/command',
  kind: 'hang',
  statement: 'Every command is answered in bounded time while no fault holds QEMU or its storage.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Commands Responses: "There are two possible responses which the Server will issue as the result of a command execution: success or error."; the slowest legal answer measured took 1.5 s',
};
const unsettled: Rule = {
  name: 'hang/settle',
  kind: 'hang',
  statement:
    'With faults lifted and limits removed, every job that is cancelled by force ends; and so does QEMU when it is told to quit.',
  source:
    'qapi/job.json (QEMU 10.0), job-cancel: "The job will cancel as soon as possible and then emit a JOB_STATUS_CHANGE event."; bounded by measurement',
};

/** Bounded liveness; deadlines are the executor's, scaled to the host. */
export const hang: RuleFamily = {
  rules: [unanswered, unsettled],
  judge(evidence, ledger) {
    const { trace, opened } = evidence;
    const { arena } = opened.sequence;
    const layers = arena.disks.flatMap((disk) => disk.layers ?? []);
    const crawlsUntil = throttledUntil(evidence);
    // 5.2 waits for the flush of a READY mirror that is cancelled by force, and its arenas' errors can't be lifted.
    const failsForEver =
      !hasTrait(opened.qemu.version, 'cancel by force at once') &&
      layers.some((layer) => 'blkdebug' in layer && layer.blkdebug.some(({ once }) => !once));
    let isTakenApart = false;
    let isExpired = false;
    const found = trace.flatMap((seen, at): Violation[] => {
      if (seen.kind === 'phase' && seen.phase === 'teardown') isTakenApart = true;
      if (seen.kind !== 'expired') return [];
      if (seen.what !== 'guest') isExpired = true;
      const step = seen.step === undefined ? {} : { step: seen.step };
      const afterMs = Math.round(seen.deadlineMs);
      if (seen.what === 'command') {
        const sent = sentAs(evidence, seen.id, at);
        if ((sent?.reply ?? at) < at) return [];
        // A throttled disk holds whatever flushes or drains it, a READY mirror's end too, as long as the throttle says,
        // and whatever is asked meanwhile.
        const excuse = waitsForAnother(evidence, sent, at)
          ? 'waits behind another'
          : mayWaitForServer(evidence, sent, at, seen.deadlineMs)
            ? 'server trouble'
            : (sent?.sent ?? 0) < crawlsUntil
              ? 'throttled'
              : undefined;
        if (excuse) {
          ledger.undecided(unanswered, excuse);
          return [];
        }
        return [
          {
            rule: unanswered,
            at,
            ...step,
            facts: {
              shape: 'lacking',
              what: 'reply',
              command: sent?.name ?? 'a command',
              afterMs,
              during: during(evidence, sent, at),
            },
          },
        ];
      }
      // A QEMU that is quitting, or held in a command, takes no other that would lift the limit.
      const before = trace.slice(0, at);
      const quits = before.some((each) => each.kind === 'command' && each.name === 'quit');
      const isBusy = before.some((each) => each.kind === 'expired' && each.what === 'command');
      if (seen.what === 'guest') return [];
      const excuse =
        crawlsUntil === nowhere && (quits || isBusy)
          ? 'throttled'
          : failsForEver
            ? 'error met'
            : (quits && mayHoldQuit(evidence, at)) || mayReconnectLate(evidence)
              ? 'server trouble'
              : undefined;
      if (excuse) {
        ledger.undecided(unsettled, excuse);
        return [];
      }
      const what = seen.what === 'quit' ? 'quit' : 'settling';
      return [
        {
          rule: unsettled,
          at,
          ...step,
          facts: { shape: 'lacking', what, afterMs, jobs: jobsAt(evidence, at) },
        },
      ];
    });
    ledger.held(unanswered, evidence.byReply.size);
    // It came through the phase in which all jobs are ended: what is taken apart next stands still.
    if (isTakenApart && !isExpired) ledger.held(unsettled);
    // Where a command hangs nothing settles, though its own time may have been up later.
    const commands = found.filter(({ rule }) => rule === unanswered);
    return commands.length > 0 ? commands : found;
  },
};

/** The monitor handles one command at a time: what hangs is the oldest one, though a longer one is given longer. */
function waitsForAnother({ trace, exchanges }: Evidence, exchange: Exchange | undefined, at: Place): boolean {
  const sent = exchange?.sent ?? 0;
  const expired = new Set(
    trace.flatMap((seen) => (seen.kind === 'expired' ? [JSON.stringify(seen.id)] : [])),
  );
  return exchanges.some(
    (older) =>
      older.sent < sent &&
      !older.oob &&
      (older.reply === undefined || older.reply > at) &&
      expired.has(JSON.stringify(older.id)),
  );
}

const sentAs = ({ exchanges }: Evidence, id: Json | undefined, before: Place): Exchange | undefined =>
  exchanges.findLast(({ id: own, sent }) => JSON.stringify(own) === JSON.stringify(id) && sent < before);
