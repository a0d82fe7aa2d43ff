import type { StatusOrAbsent } from '../../model/job-machine.ts';
import type { Json } from '../../sequence/step.ts';

/** A query shows what is not so, or does not show what is. */
export type ShownFact = {
  shape: 'shown';
  query: string;
} /** Something is listed, and is none; or is not listed, and is there. */ & (
  | { what: 'job'; job: string; listed: true; why: 'unknown' | 'start refused' }
  | { what: 'job'; job: string; listed: false; statuses: readonly StatusOrAbsent[] }
  | { what: 'node'; node: string; listed: boolean; why: 'unknown' | 'start refused' | 'not taken away' }
  | { what: 'export'; export: string; listed: boolean }
  /** Not listed any more, and no event has said so. */
  | { what: 'export gone'; export: string }
  | { what: 'bitmap'; bitmap: string; node: string; listed: boolean }
  | { what: 'filter'; driver: string }
  /** It is shown otherwise than it is. */
  | { what: 'member'; job: string; type: string | undefined; member: string; value: Json; wanted: Wanted }
  | { what: 'bitmap member'; bitmap: string; node: string; member: 'recording' | 'granularity'; value: Json }
  /** In the image's file, once that is closed: not there, there though it was removed, or left inconsistent. */
  | { what: 'stored bitmap'; bitmap: string; node: string; is: 'lost' | 'left' | 'in use'; stored: StoredHow }
  /** How much of it is dirty; `mostBytes`: null where nothing is known of it. */
  | {
      what: 'bitmap count';
      bitmap: string;
      node: string;
      countBytes: number;
      leastBytes: number;
      mostBytes: number | null;
    }
  | {
      what: 'bitmap bytes';
      bitmap: string;
      node: string;
      is: 'clean' | 'dirty';
      offsetBytes: number;
      lengthBytes: number;
    }
  | { what: 'size'; node: string; driver: string; sizeBytes: number; child: string; childBytes: number }
  | { what: 'as opened'; node: string; member: string; value: Json; wanted: Json }
  /** What a snapshot-access node is to show can't be read. */
  | { what: 'past lost'; node: string; error: string }
  | { what: 'inactive'; node: string; after: 'cont' }
  | { what: 'place'; export: string; on: string; not: string; failed?: string }
);

/** What is particular about its way into the file. `empty`: the disk has no bytes. */
export type StoredHow = 'plain' | 'empty' | 'migrated' | 'migration ended';

/** What the member must have shown. */
export type Wanted =
  | { is: 'status'; statuses: readonly StatusOrAbsent[] }
  | { is: 'flag'; value: boolean }
  /** `which`: where it shows that an error has stopped the job, and another kind of error. */
  | { is: 'io-status'; ok: boolean; which?: 'failed' | 'nospace' }
  | { is: 'paused' }
  | { is: 'error'; named: string | null };

export function shownWords(fact: ShownFact): string {
  const { query } = fact;
  switch (fact.what) {
    case 'job':
      if (!fact.listed)
        return `${query} does not show job ${fact.job}, which is ${fact.statuses.join(' or ')}`;
      return fact.why === 'unknown'
        ? `${query} shows job ${fact.job}, which does not exist`
        : `${query} lists ${fact.job}, whose start was refused`;
    case 'node':
      if (fact.why === 'start refused')
        return `node ${fact.node} is there, and the start that names it was refused`;
      return fact.listed
        ? `${query}: node ${fact.node} is listed, and is none`
        : `${query}: node ${fact.node} is not listed, and nothing took it away`;
    case 'export gone':
      return `${query} does not list export ${fact.export}, and no BLOCK_EXPORT_DELETED has said that it is gone`;
    case 'export':
      return `${query}: export ${fact.export} ${fact.listed ? 'is listed, and is none' : 'is not listed'}`;
    case 'bitmap':
      return `${query}: node ${fact.node}: bitmap ${fact.bitmap} ${fact.listed ? 'is listed, and is none' : 'is not listed'}`;
    case 'filter':
      return `a ${fact.driver} is in the graph, and no job that could want it`;
    case 'member':
      return `${query} shows job ${fact.job} with ${fact.member} ${JSON.stringify(fact.value)}, but it is ${wantedWords(fact.wanted)}`;
    case 'bitmap member': {
      const shown =
        fact.member === 'recording'
          ? `as ${fact.value ? 'recording' : 'disabled'}`
          : `with granularity ${fact.value}`;
      return `${query}: node ${fact.node}: bitmap ${fact.bitmap} is shown ${shown}`;
    }
    case 'stored bitmap':
      return `node ${fact.node}: ${storedWords[fact.is]} bitmap ${fact.bitmap}${storedHow[fact.stored]}`;
    case 'bitmap count': {
      const { leastBytes: least, mostBytes: most } = fact;
      const due = fact.countBytes < least ? `at least ${least} are` : `at most ${most} can be`;
      return `${query}: node ${fact.node}: of bitmap ${fact.bitmap} ${fact.countBytes} bytes are dirty, and ${due}`;
    }
    case 'bitmap bytes':
      return `${fact.query === 'image file' ? `${query}: ` : ''}node ${fact.node}: bitmap ${fact.bitmap}: ${fact.offsetBytes}+${fact.lengthBytes} is ${fact.is}, and ${fact.is === 'clean' ? 'was written' : 'nothing has written there'}`;
    case 'size':
      return `${query}: ${fact.driver} ${fact.node} has ${fact.sizeBytes} bytes, and ${fact.child} below it ${fact.childBytes}`;
    case 'as opened':
      return `${query}: node ${fact.node} is shown with ${fact.member} ${JSON.stringify(fact.value)}, and was opened with ${JSON.stringify(fact.wanted)}`;
    case 'past lost':
      return `node ${fact.node}: reading the snapshot fails: ${fact.error}`;
    case 'inactive':
      return `${query}: node ${fact.node} is inactive after ${fact.after}, and nothing made it so`;
    case 'place': {
      const where = `export ${fact.export} is on ${fact.on}, not on ${fact.not}`;
      return fact.failed === undefined ? `${query}: ${where}` : `job ${fact.failed} failed, and ${where}`;
    }
    default:
      return fact satisfies never;
  }
}

const storedWords = {
  lost: 'its image, once closed, lacks persistent',
  left: 'its image, once closed, still has removed',
  'in use': 'its image, once closed, has as inconsistent',
} as const;

const storedHow: Record<StoredHow, string> = {
  plain: '',
  empty: ', on a disk of no bytes',
  migrated: ', which a migration brought along',
  'migration ended': ', after a migration that left it here',
};

export function wantedWords(wanted: Wanted): string {
  switch (wanted.is) {
    case 'status':
      return wanted.statuses.join(' or ');
    case 'flag':
      return String(wanted.value);
    case 'io-status':
      if (wanted.which !== undefined)
        return `${wanted.which}: what has stopped it is ${wanted.which === 'nospace' ? '' : 'not '}a lack of space`;
      return wanted.ok ? 'ok: no error has stopped it' : 'failed or nospace: an error has stopped it';
    case 'paused':
      return 'paused, and nobody resumed it';
    case 'error':
      return wanted.named === null ? 'done without one' : JSON.stringify(wanted.named);
    default:
      return wanted satisfies never;
  }
}

/** Names are the sequence's choice. A status that no event has announced is an event that is missing. */
export function shownSignature({ query, ...fact }: ShownFact): string {
  switch (fact.what) {
    case 'job':
      return `${query}: job ${fact.listed ? `listed, ${fact.why}` : 'not listed'}`;
    case 'node':
      return `${query}: node ${fact.listed ? 'listed' : 'not listed'}, ${fact.why}`;
    case 'export gone':
      return 'export gone without BLOCK_EXPORT_DELETED';
    case 'export':
    case 'bitmap':
      return `${query}: ${fact.what} ${fact.listed ? 'listed' : 'not listed'}`;
    case 'filter':
      return `${fact.driver} without a job`;
    case 'member':
      return `${fact.member} of ${fact.type ?? 'job'}: ${wantedClass(fact.wanted)}`;
    case 'bitmap member':
      return `${query}: ${fact.member} of a bitmap`;
    case 'stored bitmap':
      return `bitmap in the image file ${fact.is}: ${fact.stored}`;
    case 'bitmap count':
      return `a bitmap counts too ${fact.countBytes < fact.leastBytes ? 'little' : 'much'}`;
    case 'bitmap bytes':
      return `bytes are ${fact.is} in a bitmap${query === 'image file' ? ' as stored' : ''}`;
    case 'size':
      return 'a filter has another size than its child';
    case 'as opened':
      return `${fact.member} is not as opened`;
    case 'past lost':
      return 'a snapshot-access node can not be read';
    case 'inactive':
      return `inactive after ${fact.after}`;
    case 'place':
      return `export on another node${fact.failed === undefined ? '' : ' after a failed job'}`;
    default:
      return fact satisfies never;
  }
}

function wantedClass(wanted: Wanted): string {
  switch (wanted.is) {
    case 'status':
      return wanted.statuses.length === 1 ? `not ${wanted.statuses[0]}` : 'another status';
    case 'io-status':
      if (wanted.which !== undefined) return `not ${wanted.which}`;
      return wanted.ok ? 'not ok' : 'ok';
    case 'error':
      return wanted.named === null ? 'an error' : 'no error';
    case 'flag':
    case 'paused':
      return 'wrong';
    default:
      return wanted satisfies never;
  }
}
