import { type DoneCommand, type Happening, isHarmless, isStart, jobKey } from '../../model/content/follow.ts';
import { nodeName } from '../../sequence/arena.ts';
import type { Observation } from '../../trace/observation.ts';
import { opening, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import { isResync } from '../wire/raw-sent.ts';
import type { GuestRequests } from './guest-changes.ts';
import { endingOf } from './job-endings.ts';
import type { QemuEnd } from './qemu-end.ts';

/** All that may change what an image holds, in the order in which it was seen to be done. */
export function happeningsOf(evidence: Evidence, guest: GuestRequests, qemu: QemuEnd): Happening[] {
  // The arena is made before the steps, and as the sequence says.
  const stepsAt = evidence.trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'steps');
  const commands = evidence.exchanges.filter(
    (exchange) => exchange.sent > stepsAt || opensMade(evidence, exchange),
  );
  const happenings = [
    ...commands.flatMap((exchange) => commandDone(evidence, exchange, qemu)),
    ...jobsEnded(evidence, guest, qemu),
    ...guestChanges(guest),
    ...unreadable(evidence),
  ];
  return happenings.sort((a, b) => a.at - b.at);
}

/** A QEMU that is started again gets, beside the arena, what steps had opened. */
function opensMade({ opened, former }: Evidence, { name, args }: Exchange): boolean {
  if (!former || name !== 'blockdev-add') return false;
  const node = `${args['node-name']}`;
  const { disks, nodes = [] } = opened.sequence.arena;
  return ![...disks, ...nodes.map((made) => ({ name: nodeName(made) }))].some(
    (disk) => node === disk.name || node.startsWith(`${disk.name}-`),
  );
}

function commandDone(evidence: Evidence, exchange: Exchange, qemu: QemuEnd): Happening[] {
  const { name, args, sent } = exchange;
  if (isGuests(evidence, exchange)) return [];
  const reply = replyOf(evidence, exchange);
  const at = exchange.reply ?? qemu.at;
  const command: DoneCommand = { name, args, sent, done: at };
  // HMP has no refusals: what it answers is text.
  if (name === 'human-monitor-command' && /^info\b/.test(`${args['command-line']}`)) return [];
  if (!reply && !isHarmless(name) && !isStart(name)) return [{ kind: 'lost', from: sent, at: sent }];
  return [{ kind: reply?.error ? 'refused' : 'accepted', command, from: sent, at }];
}

/** A guest's request that went through the monitor: it stands in the trace as such. */
function isGuests({ opened }: Evidence, { name, step }: Exchange): boolean {
  const made = step === undefined ? undefined : opened.sequence.steps[step];
  return name === 'human-monitor-command' && made !== undefined && 'guest' in made;
}

function jobsEnded(evidence: Evidence, guest: GuestRequests, qemu: QemuEnd): Happening[] {
  const changes = [...guest.values()].flatMap((disk) => disk.changes);
  const lastEnd = Math.max(-1, ...changes.map(({ end }) => end));
  return jobsOf(evidence).lives.flatMap((life): Happening[] => {
    if (life.startedBy === undefined) {
      const begin = life.entries[0]?.at ?? opening;
      return [{ kind: 'lost', from: begin, at: begin }];
    }
    const guests = { lastEnd, overBefore: (place: Place) => sentAndAnsweredBefore(evidence, place) };
    const { ending, at } = endingOf(life, evidence, qemu, guests);
    const from = 'asked' in ending ? ending.asked : life.startedBy;
    const answered = evidence.bySent.get(life.startedBy ?? -1)?.reply ?? qemu.at;
    // A short job has ended before the command that started it is answered.
    return [
      { kind: 'job-ended', job: jobKey(life.startedBy, life.id), ending, from, at: Math.max(at, answered) },
    ];
  });
}

/**
 * The guest's answers come by another way than the monitor's events, so that their order in the trace does not tell
 * which was first. What was over before a command was sent was over before any event behind that command's reply.
 */
function sentAndAnsweredBefore({ exchanges }: Evidence, event: number): number {
  return Math.max(
    -1,
    ...exchanges.filter(({ reply }) => reply !== undefined && reply < event).map(({ sent }) => sent),
  );
}

function guestChanges(guest: GuestRequests): Happening[] {
  return [...guest].flatMap(([disk, { changes }]) =>
    changes.map(({ begin }): Happening => ({ kind: 'guest-changes', disk, from: begin, at: begin })),
  );
}

/** Raw bytes may carry any command; and what an image got while its room was taken may lie beyond what it has. */
function unreadable({ trace }: Evidence): Happening[] {
  return trace.flatMap((seen, at): Happening[] =>
    (seen.kind === 'raw-sent' && !isResync(seen)) || isHalfFilled(seen)
      ? [{ kind: 'lost', from: at, at }]
      : [],
  );
}

const isHalfFilled = (seen: Observation): boolean =>
  seen.kind === 'fault' && seen.fault.fault === 'fill' && seen.outcome === 'refused';
