import { isReadable } from '../../qmp/readable.ts';
import { type StorageKind, storageKind } from '../../sequence/arena.ts';
import { hardwareOf, wantsGuest } from '../../sequence/machine.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Step } from '../../sequence/step.ts';
import { isAtOtherMonitor, openSessions, type Sessions, type SessionsPlan } from './sessions.ts';

/** `streamSessions`: sessions that lose no message, where `sessions` may lose one. */
export type PairedSessions = { sessions: Sessions; streamSessions?: Sessions };

/**
 * Sessions of one program, each kept over many sequences: those whose monitor takes datagrams, which is several times as
 * fast, one for each kind of hardware, and one with a stream for what needs that, and for runs in which another may have
 * lost a message.
 */
export function openPairedSessions(plan: SessionsPlan): Required<PairedSessions> {
  const streamed = openSessions({ ...plan, line: 'stream', secondMonitor: true });
  const quick = new Map<string, Sessions>();
  let last = streamed;
  const all = (): Sessions[] => [...quick.values(), streamed];
  const sessions: Sessions = {
    pristine(sequence) {
      last = needsStream(sequence) ? streamed : quickFor(sequence);
      return last.pristine(sequence);
    },
    giveBack: (pristine) => last.giveBack(pristine),
    introspection: streamed.introspection,
    schema: streamed.schema,
    started: () => all().reduce((sum, each) => sum + each.started(), 0),
    session: () => last.session(),
    async kill() {
      await Promise.all(all().map((each) => each.kill()));
    },
    async close() {
      await Promise.all(all().map((each) => each.close()));
    },
  };
  return { sessions, streamSessions: streamed };

  function quickFor(sequence: Sequence): Sessions {
    const kind = kindOf(sequence);
    const open =
      quick.get(kind) ??
      openSessions({
        ...plan,
        line: 'datagrams',
        storage: (plan.storage ?? []).filter((kind) => onUnixSockets.has(kind)),
        introspection: streamed.introspection,
      });
    quick.set(kind, open);
    return open;
  }
}

/**
 * Sequences of one kind follow each other in one QEMU; a kind for each that wants another costs it its QEMU. Five at
 * most: machines that boot a guest, and those with an IDE slot, are seldom used twice.
 */
function kindOf(sequence: Sequence): string {
  const { machine, ideBytes, mallocPerturb } = hardwareOf(sequence);
  if (machine === 'none') return mallocPerturb === undefined ? 'plain' : 'perturbed';
  return wantsGuest(sequence) ? 'guest' : ideBytes === undefined ? 'pc' : 'pc with ide';
}

/** Raw bytes are about the stream itself; out-of-band is not there below a mux; other storage has a network of its own. */
export function needsStream({ steps, arena }: Sequence): boolean {
  return steps.some(onStreamOnly) || arena.disks.some((disk) => !onUnixSockets.has(storageKind(disk)));
}

function onStreamOnly(step: Step): boolean {
  if ('raw' in step || isAtOtherMonitor(step)) return true;
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
