import type { CardChange } from '../../qemu/card.ts';
import { cardOf, isQuestion } from '../../qemu/cards.ts';
import type { Arena, Disk, Inject } from '../../sequence/arena.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import { errorsOf } from '../../sequence/step.ts';
import { asPlace, firstPlace, nowhere, opening, type Place } from '../../trace/place.ts';
import { type Cause, earliest } from '../why-undecided.ts';
import { isResync } from '../wire/raw-sent.ts';
import type { Evidence } from './evidence.ts';
import type { JobHistory } from './job-histories.ts';
import { isPlainNode } from './own-nodes.ts';
import { serverTroubleFrom } from './server-trouble.ts';
import { beginOf, endSpent } from './spent-errors.ts';

/**
 * An error that requests to a disk may have met from `from` on, and surely do from `surelyFrom` to `surelyTo`; from `over`
 * on none meets it that begins later.
 */
export type ArmedError = {
  disk: string;
  error: Inject;
  from: Place;
  surelyFrom: Place;
  surelyTo: Place;
  over: Place;
  /** Where a job said that it has met the error, which comes once and to no other. */
  metAt?: Place;
};

/** What may make a request fail, as far as the trace tells. */
export type ArmedErrors = {
  /** Errors that were armed at some time before a place. What was lifted counts: an answer may come late. */
  before(at: Place): readonly ArmedError[];
  /** Those that a request of a job may have met by then: not those that were over before it was started. */
  metBy(life: JobHistory, at: Place): readonly ArmedError[];
  all: readonly ArmedError[];
  /** From there something else may make requests fail: commands and bytes not followed here. */
  otherCauses: Cause;
  /** Disks that the sequence made, by the names of their format nodes. */
  disks: ReadonlyMap<string, Disk>;
};

const known = new WeakMap<Evidence, ArmedErrors>();

/** Read once for each trace, however many rules want it. */
export function armedErrorsOf(evidence: Evidence): ArmedErrors {
  const read = known.get(evidence) ?? readArmed(evidence);
  known.set(evidence, read);
  return read;
}

function readArmed(evidence: Evidence): ArmedErrors {
  const { arena } = evidence.opened.sequence;
  const all = [...arena.disks.flatMap(fromTheStart), ...injected(evidence)];
  const made = [...arena.disks, ...disksMadeBySteps(evidence.opened.sequence)];
  const otherCauses = otherCausesOf(evidence);
  endSpent(evidence, all, otherCauses.from);
  return {
    all,
    before: (at) => all.filter(({ from }) => from < at),
    metBy: (life, at) => all.filter(({ from, over }) => from < at && over > beginOf(life)),
    otherCauses,
    disks: new Map(made.map((disk) => [disk.name, disk])),
  };
}

function otherCausesOf(evidence: Evidence): Cause {
  const { arena } = evidence.opened.sequence;
  if (hasNodesThatFail(arena)) return { why: 'other causes', from: opening };
  if (arena.disks.some(({ servedBy }) => servedBy)) return { why: 'server trouble', from: opening };
  return earliest(
    { why: 'other causes', from: otherCausesFrom(evidence) },
    { why: 'server trouble', from: serverTroubleFrom(evidence) },
  );
}

/** Nodes that fail requests by themselves, or for what lies beside the disk. Compressed clusters can't be written twice. */
export const hasNodesThatFail = ({ nodes = [] }: Arena): boolean =>
  nodes.some(({ driver }) => nodesThatFail.has(`${driver}`));

const nodesThatFail: ReadonlySet<string> = new Set([
  'blklogwrites',
  'blkverify',
  'compress',
  'copy-before-write',
  'quorum',
  'snapshot-access',
]);

function fromTheStart({ name, layers = [] }: Disk): ArmedError[] {
  const errors = layers.flatMap((layer): Inject[] =>
    'blkdebug' in layer ? layer.blkdebug : 'room' in layer ? [noSpace] : [],
  );
  const always = { from: opening, surelyFrom: opening, surelyTo: nowhere, over: nowhere };
  return errors.map((error) => ({ disk: name, error, ...always }));
}

/** It is armed somewhere between the step's beginning and the line that says so, and lifted likewise. */
function injected({ trace }: Evidence): ArmedError[] {
  const armed: ArmedError[] = [];
  let begun = opening;
  for (const [at, seen] of trace.entries()) {
    if (seen.kind === 'step') begun = at;
    if (seen.kind === 'phase') end(() => true, at);
    if (seen.kind !== 'fault') continue;
    const { fault } = seen;
    if (!('disk' in fault) || !changesErrors.has(fault.fault)) continue;
    end(({ disk }) => disk === fault.disk, begun);
    if (seen.outcome === 'armed')
      for (const one of armed)
        if (one.disk === fault.disk && isKnown(one) && isUndone(one.error, fault.fault))
          one.over = firstPlace(one.over, at);
    const errors = fault.fault === 'inject' ? errorsOf(fault) : fault.fault === 'fill' ? [noSpace] : [];
    const surelyFrom = seen.outcome === 'armed' ? at : nowhere;
    for (const error of errors)
      armed.push({ disk: fault.disk, error, from: begun, surelyFrom, surelyTo: nowhere, over: nowhere });
  }
  return armed;

  function end(ends: (one: ArmedError) => boolean, at: Place): void {
    for (const one of armed) if (ends(one)) one.surelyTo = firstPlace(one.surelyTo, at);
  }
}

/** Of what was refused nobody knows whether it is in force, nor takes a lift it out. */
const isKnown = ({ surelyFrom }: ArmedError): boolean => surelyFrom !== nowhere;

/** A full file system gets room again by another fault than errors are lifted by. */
const isUndone = (error: Inject, fault: string): boolean =>
  error === noSpace ? fault === 'room' : fault === 'lift' || fault === 'inject';

const changesErrors: ReadonlySet<string> = new Set(['inject', 'lift', 'fill', 'room']);

const noSpace: Inject = { errno: 'ENOSPC', event: 'no room' };

function otherCausesFrom({ trace, opened }: Evidence): Place {
  let phase = '';
  const at = trace.findIndex((seen) => {
    if (seen.kind === 'phase') phase = seen.phase;
    if (seen.kind === 'raw-sent') return !isResync(seen);
    if (seen.kind === 'exit' || seen.kind === 'disconnect') return true;
    // A corrupt image takes no more writes, whoever is to blame.
    if (seen.kind === 'event' && seen.name === 'BLOCK_IMAGE_CORRUPTED') return true;
    if (seen.kind !== 'command' || phase !== 'steps' || seen.step === undefined) return false;
    const step = opened.sequence.steps[seen.step];
    // Beside its own command a step has those of the interpreter: disks opened, faults armed.
    return step !== undefined && 'qmp' in step && step.qmp === seen.name && !isHarmless(seen.name, seen.args);
  });
  return at === -1 ? asPlace(trace.length) : at;
}

/** Commands that put nothing into the graph that fails requests, and take no storage away. */
function isHarmless(command: string, args: JsonObject): boolean {
  if (command === 'transaction')
    return (
      Array.isArray(args.actions) &&
      args.actions.every(
        (action) =>
          isJsonObject(action) && isJsonObject(action.data) && isHarmless(`${action.type}`, action.data),
      )
    );
  const { verb, job, file, change } = cardOf(command) ?? {};
  const isJob = job?.kind === 'block' && file === undefined;
  if (change?.kind === 'adds node') return isPlainNode(args);
  return isQuestion(command) || verb !== undefined || isJob || failsNothing.has(change?.kind);
}

const failsNothing: ReadonlySet<CardChange['kind'] | undefined> = new Set([
  'bitmap',
  'export',
  'deletes node',
  'overlays',
] as const);
