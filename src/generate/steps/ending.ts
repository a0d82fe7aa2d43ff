import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { after, type Situation } from '../situation.ts';
import { bitmap } from './bitmap.ts';
import { freshName } from './candidates.ts';
import { command, only } from './command.ts';
import { exports } from './exports.ts';
import { guest } from './guest.ts';
import { snapshot } from './snapshot.ts';
import { startBackup } from './start-backup.ts';
import { startMirror } from './start-mirror.ts';

/** QEMU is asked to quit, whatever goes on, and is waited for. */
export function quit(draw: Draw, situation: Situation): Step[] | undefined {
  const step = command(draw, situation, 'quit');
  return step && [step, { await: 'exit' }];
}

/** What a session of its own costs is spent seldom. */
export const seldomQuit = (draw: Draw, situation: Situation): Step[] | undefined =>
  draw.chance(0.1) ? quit(draw, situation) : undefined;

/** Jobs, an export, a client's requests, bitmaps and an overlay are there, and QEMU is asked to quit. */
export function quitWithEverything(draw: Draw, situation: Situation): Step[] | undefined {
  const steps: Step[] = [];
  let now = situation;
  for (const maker of [exports, bitmap, startBackup, snapshot, startMirror, guest, exportOfGuestDisk]) {
    const made = now.over ? [] : (maker(draw, now) ?? []).map(unawaited);
    for (const step of made) now = after(now, step);
    steps.push(...made);
  }
  return [...steps, ...(quit(draw, now) ?? [])];
}

/** Of the disk that a guest has, read-only: a job that copies from it stands in nobody's way there. */
function exportOfGuestDisk(draw: Draw, situation: Situation): Step[] | undefined {
  const node = situation.nodes.find(({ frontend }) => frontend !== 'none');
  if (!node || !situation.nbdServer) return undefined;
  const id = freshName(situation, 'e');
  const args = { id, type: 'nbd', 'node-name': node.name, name: id, writable: false };
  return only(command(draw, situation, 'block-export-add', args));
}

const unawaited = (step: Step): Step => ('guest' in step ? { ...step, wait: false } : step);

/** Mostly quit in the midst of everything; now and then killed, as by a power cut, and at times started again on what is left. */
export function quitOrKill(draw: Draw, situation: Situation): Step[] | undefined {
  if (draw.chance(0.75)) return quitWithEverything(draw, situation);
  if (draw.chance(0.5)) return quit(draw, situation);
  return draw.chance(0.5)
    ? [{ fault: 'sigkill' }]
    : [{ fault: 'sigkill' }, { fault: 'restart' }, ...lookAround(situation)];
}

/** Whoever comes back reads the disks, and finds no job. */
const lookAround = ({ arena }: Situation): Step[] => [
  { qmp: 'query-jobs', expect: { return: [] } },
  ...arena.disks
    .filter(({ frontend }) => frontend === 'nbd' || frontend === 'auto')
    .map(({ name }): Step => ({ guest: 'read', disk: name, offsetBytes: 0, lengthBytes: 4096 })),
];
