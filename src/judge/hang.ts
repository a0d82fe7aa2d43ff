import { isBefore } from '../model/job-machine.ts';
import type { Trace } from '../trace/observation.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';

const versions = '5.2, 7.2, 10.0, 11.1';

const unanswered: Rule = {
  name: 'hang/command',
  kind: 'hang',
  statement: 'Every command is answered in bounded time while no fault holds QEMU or its storage.',
  source:
    'docs/interop/qmp-spec.rst: the server answers every command; the slowest legal answer measured took 1.5 s',
  versions,
};
const unsettled: Rule = {
  name: 'hang/settle',
  kind: 'hang',
  statement: 'With faults lifted and limits removed, every job that is cancelled by force ends.',
  source:
    'qapi/job.json, job-cancel: "the job will be cancelled at its next opportunity"; bounded by measurement',
  versions,
};

/** Bounded liveness; deadlines are the executor's, scaled to the host. */
export const hang: RuleFamily = {
  rules: [unanswered, unsettled],
  judge({ trace, opened }) {
    const { arena } = opened.sequence;
    const layers = arena.disks.flatMap((disk) => disk.layers ?? []);
    const throttled = layers.some((layer) => 'throttle' in layer);
    // 5.2 waits for the flush of a READY mirror that is cancelled by force, and its arenas' errors can't be lifted.
    const failsForEver =
      isBefore(opened.qemu.version, 6) &&
      layers.some((layer) => 'blkdebug' in layer && layer.blkdebug.some(({ once }) => !once));
    return trace.flatMap((seen, at): Violation[] => {
      if (seen.kind !== 'expired') return [];
      const step = seen.step === undefined ? {} : { step: seen.step };
      if (seen.what === 'command') {
        // A throttled disk holds whatever flushes it, as long as the throttle says.
        if (throttled && !/^(query|job|block-job)-/.test(commandName(trace, seen.id))) return [];
        return [
          {
            rule: unanswered,
            at,
            ...step,
            text: `${commandName(trace, seen.id)} was not answered in ${Math.round(seen.deadlineMs)} ms`,
          },
        ];
      }
      if (seen.what !== 'settle' || failsForEver) return [];
      return [{ rule: unsettled, at, ...step, text: `not settled after ${Math.round(seen.deadlineMs)} ms` }];
    });
  },
};

function commandName(trace: Trace, id: unknown): string {
  const sent = trace.find(
    (seen) => seen.kind === 'command' && JSON.stringify(seen.id) === JSON.stringify(id),
  );
  return sent?.kind === 'command' ? sent.name : 'a command';
}
