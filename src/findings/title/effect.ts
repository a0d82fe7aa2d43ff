import type { ContentFact, HeldContent } from '../../judge/facts/content.ts';
import type { Fact } from '../../judge/facts/fact.ts';
import type { FigureFact } from '../../judge/facts/figure.ts';
import type { ImageFact } from '../../judge/facts/image.ts';
import type { LackingFact } from '../../judge/facts/lacking.ts';
import type { LeftFact } from '../../judge/facts/left.ts';
import { messageSignature } from '../../judge/facts/message.ts';
import { orderSignature } from '../../judge/facts/order.ts';
import type { OutcomeFact } from '../../judge/facts/outcome.ts';
import { reasonSignature } from '../../judge/facts/reason.ts';
import type { ReplyFact } from '../../judge/facts/reply.ts';
import type { ReportedFact } from '../../judge/facts/reported.ts';
import type { ShownFact } from '../../judge/facts/shown.ts';
import type { Violation } from '../../judge/rule.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Stack } from '../stacks/stack.ts';
import { deathEffect } from './death.ts';

/** What came of it, for somebody who knows QEMU and not us. `short`: where a title has no room for the rest. */
export type Effect = { long: string; short: string };

export function effectOf({ facts, rule }: Broken, { sequence, trace, stacks }: Seen): Effect {
  if (facts.shape === 'died') return deathEffect(facts, trace, stacks);
  const text = effectText(facts, rule.name, sequence);
  return { long: text, short: text };
}

function reportedEffect({ by, what, frames: [place] }: ReportedFact): string {
  const where = place === undefined ? '' : ` in ${place}`;
  if (by === 'LeakSanitizer')
    return place === undefined ? `${what} are leaked` : `memory allocated${where} is leaked`;
  return by === 'AddressSanitizer'
    ? `${what.replaceAll('-', ' ')}${where}`
    : `undefined behaviour${where}: ${what}`;
}

type Broken = Pick<Violation, 'facts' | 'rule'>;
type Seen = { sequence: Sequence; trace: Trace; stacks: readonly Stack[] };

function effectText(facts: Exclude<Fact, { shape: 'died' }>, rule: string, sequence: Sequence): string {
  switch (facts.shape) {
    case 'lacking':
      return lackingEffect(facts);
    case 'left':
      return leftEffect(facts);
    case 'content':
      return contentEffect(facts, rule, sequence);
    case 'image':
      return imageEffect(facts);
    case 'guest':
      return facts.is === 'done'
        ? `the guest's ${facts.op} overwrites what was not saved`
        : `the guest's ${facts.op} fails`;
    case 'reply':
      return replyEffect(facts);
    case 'message':
      return messageSignature(facts, (text) => text);
    case 'order':
      return orderSignature(facts);
    case 'outcome':
      return outcomeEffect(facts);
    case 'figure':
      return figureEffect(facts);
    case 'reported':
      return reportedEffect(facts);
    case 'shown':
      return shownEffect(facts);
    case 'claim':
      return facts.is === 'reply'
        ? `${facts.command} is answered otherwise than claimed`
        : `a claim about ${claimed[facts.is]} does not hold`;
    default:
      return facts satisfies never;
  }
}

const claimed = {
  complaint: 'malformed input',
  await: 'an event',
  guest: 'a guest request',
  image: 'an image',
} as const;

function lackingEffect(facts: LackingFact): string {
  switch (facts.what) {
    case 'reply':
      return 'never answered';
    case 'settling':
      return 'the jobs never end, though cancelled by force';
    case 'quit':
      return 'QEMU never quits';
    case 'resume':
      return `job-resume leaves the ${facts.type ?? ''} job standing still`.replace('  ', ' ');
    case 'effect':
      return `${facts.verb} of the ${facts.type ?? ''} job never comes into force`.replace('  ', ' ');
    case 'announced':
      return facts.action === 'stop'
        ? `the ${facts.type ?? ''} job never pauses at an error that it said to stop at`.replace('  ', ' ')
        : `the ${facts.type ?? ''} job never ends after an error that it has reported`.replace('  ', ' ');
    case 'progress':
      return `the ${facts.type ?? ''} job stands still`.replace('  ', ' ');
    case 'guest request':
      return `the guest's ${facts.op === 'flush' ? 'flush' : `next ${facts.op}`} never ends`;
    case 'end of saving':
      return `the guest's ${facts.op} waits for longer than cbw-timeout says`;
    case 'lock':
      return 'an image open for writing is not locked';
    default:
      return facts satisfies never;
  }
}

function leftEffect(facts: LeftFact): string {
  switch (facts.what) {
    case 'descriptors':
      return 'file descriptors stay open';
    case 'iothreads':
      return 'threads stay behind';
    case 'memory':
      return 'memory is never freed';
    case 'job of refused start':
      return 'its job is there though refused';
    default:
      return `${facts.what}s stay behind and can't be removed`;
  }
}

function contentEffect({ of, wrong }: ContentFact, rule: string, { arena, steps }: Sequence): string {
  const [first] = wrong;
  if (!first) return 'wrong data';
  const isGuests =
    'disk' in of ||
    rule === 'integrity/guest-disk' ||
    steps.some((step) => 'guest' in step && step.disk === of.image);
  const wroteIt = first.due.some(({ by }) => by !== undefined);
  const due = !wroteIt
    ? 'where data was'
    : isGuests
      ? 'in place of what it wrote'
      : 'in place of guest writes';
  const held = `${heldText(first.holds)} ${due}`;
  if (rule === 'integrity/snapshot-access') return `a snapshot-access node shows ${held}`;
  if (isGuests) return `the guest reads ${held}`;
  return `${arena.disks.some(({ name }) => name === of.image) ? 'an image' : "the job's target"} holds ${held}`;
}

function heldText({ origin, by }: HeldContent): string {
  if (by?.kind === 'write') return 'another write of the guest';
  return origin === 'zero' ? 'zeroes' : 'other data';
}

function imageEffect(facts: ImageFact): string {
  switch (facts.is) {
    case 'inconsistent':
      return facts.leaksOnly ? 'clusters of the image are leaked' : 'qemu-img check finds the image damaged';
    case 'another size':
      return 'the image has another size than it must';
    case 'another backing file':
      return 'the header names another backing file than the one that was given';
    case 'another backing format':
      return 'the header gives another format for the backing file than that has';
    case 'not compressed':
      return 'what was to be compressed is not';
    case 'not discarded':
      return 'what was to be discarded is still there';
    case 'occupies more':
      return 'the copy occupies more than its source has data';
    case 'zeroes written out':
      return 'zeroes are written out';
    case 'gone':
      return 'the image is gone';
    case 'not to be checked':
    case 'not to be read':
      return `the image is ${facts.is}`;
    case 'marked corrupt':
      return 'BLOCK_IMAGE_CORRUPTED: the image is marked corrupt';
    case 'not bootable':
      return 'no guest boots from the image';
    case 'not readable':
      return "the guest that boots from the image can't read it";
    case 'read otherwise':
      return 'the guest that boots from the image reads other data';
    default:
      return facts satisfies never;
  }
}

function replyEffect({ command, why, due, got }: ReplyFact): string {
  const what = `${command} (${reasonSignature(why)})`;
  if (got === 'success') return `${what} succeeds, and must fail`;
  return due.includes('success')
    ? `${what} is refused, and must succeed`
    : `${what} fails with another error than is due`;
}

function outcomeEffect({ type = 'some', ...fact }: OutcomeFact): string {
  const job = `the ${type} job`;
  switch (fact.is) {
    case 'ended unasked':
      return `${job} ends, though nobody asked for it`;
    case 'cancelled unasked':
      return `${job} is cancelled, though nobody cancelled it`;
    case 'failed without aborting':
      return `${job} completes with an error, and never aborted`;
    case 'aborted without failing':
      return `${job} aborts, and completes without an error`;
    case 'cancelled':
      return `${job} is cancelled${fact.how === 'forced' ? ' by force' : ''}, and ${fact.event} follows`;
    case 'group':
      return `${job} completes, and another of its group does not`;
    case 'policy':
      return `${job} does not do what its on-${fact.side}-error says`;
    case 'error without cause':
      return `${job} reports an error without a cause`;
    case 'error not announced':
      return `${job} fails without a BLOCK_JOB_ERROR`;
    case 'failed in spite of ignore':
      return `${job} fails with an error that it has ignored`;
    case 'error misnamed':
      return `${job} names another error than it met`;
    case 'ready in spite of an error':
    case 'done in spite of an error': {
      const failed = fact.side === 'read' ? 'reads of its source' : 'writes to its target';
      return `${job} is ${fact.is === 'done in spite of an error' ? 'done' : 'READY'}, though ${failed} failed`;
    }
    case 'ready in spite of a report':
      return `${job} is READY, though it has reported an error`;
    case 'ready in spite of sizes':
      return `${job} is READY, though source and target differ in size`;
    case 'completed in spite of an error':
      return `${job} completes without an error that it has ${fact.action === 'report' ? 'reported' : 'ignored'}`;
    case 'went on though stopped':
      return fact.to === 'aborting'
        ? `${job} fails with an error that it said to stop at`
        : `${job} goes on, though an error stopped it`;
    default:
      return fact satisfies never;
  }
}

function figureEffect({ type = 'some', is }: FigureFact): string {
  const job = `the ${type} job`;
  switch (is) {
    case 'beyond':
      return `${job} shows an offset beyond its len`;
    case 'went back':
      return `${job}'s offset goes back`;
    case 'len shrank':
      return `${job}'s len shrinks`;
    case 'moved while paused':
      return `${job} moves on while paused`;
    case 'gave up early':
      return `${job} ends before offset is len, with an error that it was to ignore`;
    case 'ready early':
    case 'completed early':
      return `${job} is ${is === 'ready early' ? 'READY' : 'completed'} before offset is len`;
    case 'failed at its end':
      return `${job} fails with a read error, and its offset is len all the same`;
    case 'too fast':
    case 'too fast between':
      return `${job} is faster than its speed`;
    case 'wrong speed':
    case 'wrong type':
      return `${job} shows a ${is} `.trim();
    default:
      return is satisfies never;
  }
}

function shownEffect(fact: ShownFact): string {
  const { query } = fact;
  switch (fact.what) {
    case 'job':
    case 'node':
    case 'export':
    case 'bitmap':
      return fact.listed
        ? `${query} shows a ${fact.what} that is not there`
        : `${query} does not show a ${fact.what} that is there`;
    case 'export gone':
      return 'no BLOCK_EXPORT_DELETED tells that an export is gone';
    case 'filter':
      return `a ${fact.driver} filter stays without its job`;
    case 'member':
      return `${query} shows a wrong ${fact.member} of the ${fact.type ?? 'some'} job`;
    case 'bitmap member':
      return `${query} shows a wrong ${fact.member} of a bitmap`;
    case 'stored bitmap':
      if (fact.is === 'left') return 'a removed bitmap stays in the image';
      return `a persistent bitmap is ${fact.is === 'lost' ? 'not stored in its image' : 'left inconsistent in its image'}`;
    case 'bitmap count': {
      const isShort = fact.countBytes < fact.leastBytes;
      return isShort ? 'a dirty bitmap misses writes' : 'a dirty bitmap counts what nothing wrote';
    }
    case 'bitmap bytes':
      return fact.is === 'clean'
        ? 'a dirty bitmap misses a write'
        : 'a dirty bitmap names what nothing wrote';
    case 'size':
      return `a ${fact.driver} filter keeps its size when its child gets another`;
    case 'as opened':
      return `a node is left with another ${fact.member} than it was opened with`;
    case 'past lost':
      return 'a snapshot-access node can no more be read';
    case 'inactive':
      return `a node stays inactive after ${fact.after}`;
    case 'place':
      return fact.failed === undefined
        ? 'an export moves to another node'
        : 'an export moves to another node though the job failed';
    default:
      return fact satisfies never;
  }
}
