import { isReadable } from '../../qmp/readable.ts';
import { type StorageKind, storageKind } from '../../sequence/arena.ts';
import { hardwareOf, wantsGuest } from '../../sequence/machine.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Step } from '../../sequence/step.ts';
import { isAtOtherMonitor, openSessions, type Sessions, type SessionsPlan, usesOob } from './sessions.ts';

/** `streamSessions`: sessions that lose no message, where `sessions` may lose one. */
export type PairedSessions = { sessions: Sessions; streamSessions?: Sessions };

/**
 * Sessions of one program, each kept over many sequences: those whose monitor takes datagrams, which is several times as
 * fast, one for each kind of hardware, and two with a stream for what needs that, and for runs in which another may have
 * lost a message. A QEMU that takes commands out of band is not one that does not: where the two took turns in one
 * place, each cost the other its QEMU.
 */
export function openPairedSessions(plan: SessionsPlan): Required<PairedSessions> {
  const [inBand, outOfBand] = [stream(), stream()];
  const quick = new Map<string, Sessions>();
  const streamFor = (sequence: Sequence): Sessions => (usesOob(sequence) ? outOfBand : inBand);
  const all = (): Sessions[] => [...quick.values(), inBand, outOfBand];
  return {
    sessions: together(all, inBand, (sequence) =>
      needsStream(sequence) ? streamFor(sequence) : quickFor(sequence),
    ),
    streamSessions: together(() => [inBand, outOfBand], inBand, streamFor),
  };

  function stream(): Sessions {
    return openSessions({ ...plan, line: 'stream', secondMonitor: true });
  }

  function quickFor(sequence: Sequence): Sessions {
    const kind = kindOf(sequence);
    const open =
      quick.get(kind) ??
      openSessions({
        ...plan,
        line: 'datagrams',
        storage: (plan.storage ?? []).filter((kind) => onUnixSockets.has(kind)),
        introspection: inBand.introspection,
      });
    quick.set(kind, open);
    return open;
  }
}

/** `all` as one: each sequence has the one that is chosen for it. Of all, `asked` knows the schema. */
function together(
  all: () => Sessions[],
  asked: Sessions,
  choose: (sequence: Sequence) => Sessions,
): Sessions {
  let last = asked;
  return {
    pristine(sequence) {
      last = choose(sequence);
      return last.pristine(sequence);
    },
    giveBack: (pristine) => last.giveBack(pristine),
    introspection: asked.introspection,
    schema: asked.schema,
    started: () => all().reduce((sum, each) => sum + each.started(), 0),
    session: () => last.session(),
    async kill() {
      await Promise.all(all().map((each) => each.kill()));
    },
    async close() {
      await Promise.all(all().map((each) => each.close()));
    },
  };
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
