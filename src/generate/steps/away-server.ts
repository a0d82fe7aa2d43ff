import { hasArgument } from '../../qmp/schema-query.ts';
import { type Disk, storageKind } from '../../sequence/arena.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { freshName } from './candidates.ts';
import { command, only } from './command.ts';

/**
 * A server that stays away to the end while a request waits for it, or a node that waits for a server when it is opened,
 * and meanwhile a job is told to cancel by force or to pause, or QEMU to quit. Seldom: each costs a second or two.
 */
export function awayServer(draw: Draw, situation: Situation): Step[] | undefined {
  if (!draw.chance(limits.awayServerChance)) return undefined;
  // Few arenas have a server that can stay away so.
  return staysAway(draw, situation) ?? (draw.chance(0.5) ? openedInVain(draw, situation) : undefined);
}

/** A mirror has a request in flight: its first one, or what the guest has written when all was copied. */
function staysAway(draw: Draw, situation: Situation): Step[] | undefined {
  const away = draw.anyOf(situation.arena.disks.filter(waits));
  if (!away) return undefined;
  const living = situation.jobs.find(({ source, target }) => source === away.name || target === away.name);
  if (living) {
    const write = writeTo(situation, living.source);
    const killed: Step = { fault: 'server', disk: away.name, is: 'killed' };
    return [killed, ...write, { pause: 5 }, ...toldAndAwaited(draw, situation, living)];
  }
  const id = freshName(situation, 'j');
  const { mirror, source } = mirrorOf(situation, away, id);
  const killed: Step = { fault: 'server', disk: away.name, is: 'killed' };
  const write = writeTo(situation, source);
  const start = only(command(draw, situation, 'blockdev-mirror', mirror));
  if (!start) return undefined;
  const isReady = write.length > 0 && draw.chance(0.6);
  const inFlight: Step[] = isReady
    ? [...start, { await: 'READY', job: id, deadlineMs: limits.finishMirrorDeadlineMs }, killed, ...write]
    : [killed, ...start.map(unawaited)];
  const job = { id, status: isReady ? 'ready' : 'running', autoDismiss: true } as const;
  return [...inFlight, { pause: 5 }, ...toldAndAwaited(draw, situation, job)];
}

/** By its guest, where it has one. */
function writeTo({ arena, unplugged }: Situation, disk: string): Step[] {
  const { frontend = 'none' } = arena.disks.find(({ name }) => name === disk) ?? {};
  if (frontend === 'none' || unplugged.includes(disk)) return [];
  return [{ guest: 'write', disk, offsetBytes: 0, lengthBytes: 512, wait: false }];
}

/** `open-timeout` holds the monitor as long as nobody is there. */
function openedInVain(draw: Draw, situation: Situation): Step[] | undefined {
  if (!hasArgument(situation.binary.schema, 'blockdev-add', 'open-timeout')) return undefined;
  const node: JsonObject = {
    driver: 'nbd',
    'node-name': freshName(situation, 'n'),
    server: { type: 'unix', path: { newFile: 'nobody.sock' } },
    export: 'nothing',
    'open-timeout': 1,
    ...draw.sometimes(0.3, { 'reconnect-delay': 1 }),
  };
  const opened = only(command(draw, situation, 'blockdev-add', node))?.map(unawaited);
  const [living] = situation.jobs;
  const meanwhile = living ? toldMeanwhile(draw, situation, living) : [];
  return opened && [...opened, ...meanwhile, { await: 'reply', deadlineMs: openedByMs }];
}

/** The second of `open-timeout`, and a bit; settling awaits what the verbs do. */
const openedByMs = 2_000;

type Job = Pick<GuessedJob, 'id' | 'status' | 'autoDismiss'>;

function toldMeanwhile(draw: Draw, situation: Situation, { id }: Job): Step[] {
  const verb = draw.oneOf(['job-cancel', 'job-cancel', 'job-pause', 'quit'] as const);
  return only(command(draw, situation, verb, verb === 'quit' ? {} : { id }))?.map(unawaited) ?? [];
}

function toldAndAwaited(draw: Draw, situation: Situation, job: Job): Step[] {
  const told = toldMeanwhile(draw, situation, job);
  const [step] = told;
  const isOf = (name: string): boolean => step !== undefined && 'qmp' in step && step.qmp === name;
  if (isOf('quit')) return [...told, { await: 'exit', deadlineMs }];
  const stands = job.status === 'ready' || job.status === 'standby' ? 'standby' : 'paused';
  const over = job.autoDismiss ? 'gone' : 'concluded';
  return [...told, { await: isOf('job-pause') ? stands : over, job: job.id, deadlineMs }];
}

/** As long as a request may wait, and what `judge/hang` grants after that. */
const deadlineMs = 4_000;

/** Onto the disk that is to be away, or from it. */
function mirrorOf({ arena }: Situation, away: Disk, id: string): { mirror: JsonObject; source: string } {
  const [first] = arena.disks;
  const isTarget = first !== undefined && first !== away && first.sizeBytes === away.sizeBytes;
  const source = isTarget ? first.name : away.name;
  const target = isTarget ? { disk: away.name } : { newDisk: 'beside' };
  return { mirror: { 'job-id': id, device: { disk: source }, target, sync: 'full' }, source };
}

/** A second; longer waits cost too much. */
const waits = (disk: Disk): boolean => {
  const { storage } = disk;
  return (
    storageKind(disk) === 'nbd' &&
    typeof storage === 'object' &&
    'nbd' in storage &&
    storage.nbd.reconnectDelaySeconds === 1
  );
};

const unawaited = (step: Step): Step => ('qmp' in step ? { ...step, wait: false } : step);
