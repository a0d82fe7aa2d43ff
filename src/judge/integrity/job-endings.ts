import type { JobEnding } from '../../model/content/image-graph.ts';
import { jobCommands } from '../../model/job-commands.ts';
import type { VerbName } from '../../qemu/cards.ts';
import { nowhere, opening, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { eventsNamed, type JobEntry, type JobHistory, metError } from '../reading/job-histories.ts';
import type { QemuEnd } from './qemu-end.ts';

type Asked = { verb: VerbName; sent: Place; force: boolean };

/** The guest's last answer; and of a place, the latest from which on answers may have come after it. */
type Guests = { lastEnd: number; overBefore(place: Place): number };

/** How a job ended, and where that was seen; of one that outlived QEMU, where QEMU ended. */
export function endingOf(
  life: JobHistory,
  evidence: Evidence,
  qemu: QemuEnd,
  { lastEnd, overBefore }: Guests,
): { ending: JobEnding; at: Place } {
  const end = life.entries.find(isEnding);
  const at = end?.at ?? qemu.at;
  const asked = acceptedVerbs(life, evidence, at);
  const of = (...verbs: VerbName[]): Asked[] => asked.filter(({ verb }) => verbs.includes(verb));
  const ready = eventsNamed(life, 'BLOCK_JOB_READY')[0]?.at;
  const faulty = metError(life);

  const cut = (by: 'quit' | 'force' | 'kill', from: Place): JobEnding => {
    const wasReady = ready !== undefined && ready < from ? ready : undefined;
    const over = wasReady === undefined ? -1 : overBefore(wasReady);
    return { how: 'cut', by, asked: from, ready: wasReady, over, idle: lastEnd < over, faulty };
  };

  return { at, ending: ending() };

  function ending(): JobEnding {
    const completes = of('complete');
    const cancels = of('cancel');
    const quit = qemu.quitAt !== undefined && qemu.quitAt < at ? qemu.quitAt : undefined;
    if (!end) {
      // It may have come to its end, and nobody was told.
      if (completes.length > 0) return { how: 'unclear' };
      return qemu.clean && quit !== undefined ? cut('quit', quit) : cut('kill', qemu.at);
    }
    if (end.data.error !== undefined) return { how: 'failed' };
    if (end.name === 'BLOCK_JOB_CANCELLED') {
      const [first] = cancels;
      if (first) return cut('force', first.sent);
      return quit === undefined ? { how: 'failed' } : cut('quit', quit);
    }
    if (ready === undefined) return { how: 'finished' };
    if (completes[0])
      return cancels.length > 0 ? { how: 'unclear' } : { how: 'completed', asked: completes[0].sent };
    const [cancel] = cancels;
    if (cancel && !cancels.some(({ force }) => force)) return { how: 'cancelled softly', asked: cancel.sent };
    if (cancel) return cut('force', cancel.sent);
    return quit === undefined ? { how: 'unclear' } : cut('quit', quit);
  }
}

/** Verbs for the job that were accepted, or not answered, while it lived. */
function acceptedVerbs(life: JobHistory, evidence: Evidence, end: Place): Asked[] {
  const begin = life.entries[0]?.at ?? opening;
  return evidence.exchanges.flatMap((exchange): Asked[] => {
    const command = jobCommands[exchange.name];
    if (!command || exchange.args[command.idArgument] !== life.id) return [];
    const within = exchange.sent < end && (exchange.reply ?? nowhere) > begin;
    if (!within || replyOf(evidence, exchange)?.error) return [];
    return [{ verb: command.verb.name, sent: exchange.sent, force: isForced(exchange, command.spelling) }];
  });
}

const isForced = ({ args }: Exchange, spelling: 'job' | 'block-job'): boolean =>
  spelling === 'job' || args.force === true;

const isEnding = (entry: JobEntry): entry is JobEntry & { kind: 'event' } =>
  entry.kind === 'event' && /^BLOCK_JOB_(COMPLETED|CANCELLED)$/.test(entry.name);
