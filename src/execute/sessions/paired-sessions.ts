import { isReadable } from '../../qmp/readable.ts';
import { type StorageKind, storageKind } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Step } from '../../sequence/step.ts';
import { openSessions, type Sessions, type SessionsPlan } from './sessions.ts';

/** `streamSessions`: sessions that lose no message, where `sessions` may lose one. */
export type PairedSessions = { sessions: Sessions; streamSessions?: Sessions };

/**
 * Two sessions of one program, each kept over many sequences: one whose monitor takes datagrams, which is several times
 * as fast, and one with a stream for what needs that, and for runs in which the other may have lost a message.
 */
export function openPairedSessions(plan: SessionsPlan): Required<PairedSessions> {
  const streamed = openSessions({ ...plan, line: 'stream' });
  const quick = openSessions({
    ...plan,
    line: 'datagrams',
    storage: (plan.storage ?? []).filter((kind) => onUnixSockets.has(kind)),
    introspection: streamed.introspection,
  });
  let last = quick;
  const both = [quick, streamed];
  const sessions: Sessions = {
    pristine(sequence) {
      last = needsStream(sequence) ? streamed : quick;
      return last.pristine(sequence);
    },
    giveBack: (pristine) => last.giveBack(pristine),
    introspection: streamed.introspection,
    schema: streamed.schema,
    started: () => both.reduce((sum, each) => sum + each.started(), 0),
    session: () => last.session(),
    async kill() {
      await Promise.all(both.map((each) => each.kill()));
    },
    async close() {
      await Promise.all(both.map((each) => each.close()));
    },
  };
  return { sessions, streamSessions: streamed };
}

/** Raw bytes are about the stream itself; out-of-band is not there below a mux; other storage has a network of its own. */
export function needsStream({ steps, arena }: Sequence): boolean {
  return steps.some(onStreamOnly) || arena.disks.some((disk) => !onUnixSockets.has(storageKind(disk)));
}

function onStreamOnly(step: Step): boolean {
  if ('raw' in step) return true;
  if (!('qmp' in step)) return false;
  return step.oob === true || longAnswers.has(step.qmp) || !isReadable([step.qmp, step.args ?? {}]);
}

const onUnixSockets: ReadonlySet<StorageKind> = new Set(['file', 'nbd']);

/** Longer than the 65,507 bytes of a datagram, on one version or another. What else is too long is noticed by its absence. */
const longAnswers: ReadonlySet<string> = new Set([
  'query-qmp-schema',
  'query-command-line-options',
  'query-cpu-definitions',
  'query-cpu-model-expansion',
  'query-stats-schemas',
  'qom-list-types',
]);
