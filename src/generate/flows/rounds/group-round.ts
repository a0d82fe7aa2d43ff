import type { JsonObject } from '../../../sequence/json-object.ts';
import type { FaultStep, Json } from '../../../sequence/step.ts';
import { twoDisks } from '../../arenas/several-disks.ts';
import type { Draw } from '../../draw.ts';
import type { GuessedJob } from '../../guesses.ts';
import { limits } from '../../limits.ts';
import { after, type Situation } from '../../situation.ts';
import { command, offers, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import { canInject } from '../../steps/faults.ts';
import { drawBackup } from '../../steps/start-backup.ts';
import { type Flow, type Part, send, sometimes } from '../flow.ts';
import { filled } from './start.ts';

/**
 * Two backups that end together, each finalized and dismissed in its own way; one of them is finalized, cancelled, held
 * up or meets an error, or neither is. What both are to be, they are; and each says what its own options say.
 */
export const groupRound: Flow = {
  name: 'group round',
  arena: filled(twoDisks()),
  parts: (draw) => {
    const how = draw.oneOf(endings);
    return [
      ...sometimes(draw, 0.4, send('block-dirty-bitmap-add', { node: 'src', name: 'bm0' }), notGrouped),
      begun(how, draw.chance(0.85)),
      until('waiting'),
      looked,
      ...(how === 'cancelled' ? [verb('cancel')] : how === 'held' ? [letGo] : []),
      until('pending'),
      looked,
      verb('finalize'),
      until('concluded'),
      looked,
      dismissed,
      dismissed,
    ];
  },
};

type Ending = 'finalized' | 'cancelled' | 'held' | 'failed';
const endings: [Ending, ...Ending[]] = ['finalized', 'finalized', 'cancelled', 'held', 'failed'];

/** Only backups are: what else there is, a group refuses, each by itself. */
const notGrouped: Part = (draw, situation) => {
  const [type, more] = draw.oneOf<[string, JsonObject]>([
    ['block-dirty-bitmap-clear', {}],
    ['block-dirty-bitmap-remove', {}],
    ['block-dirty-bitmap-add', { name: 'bm1' }],
  ]);
  const actions = [{ type, data: { node: 'src', name: 'bm0', ...more } }];
  const properties = { 'completion-mode': 'grouped' };
  return only(command(draw, situation, 'transaction', { actions, properties }));
};

const begun =
  (how: Ending, isGrouped: boolean): Part =>
  (draw, situation) => {
    const sources = ['src', 'src2'].flatMap((name) => situation.nodes.filter((node) => node.name === name));
    const actions: Json[] = [];
    let now = situation;
    for (const [at, source] of sources.entries()) {
      const [, args] = drawBackup(draw, now, source);
      const isSlow = at === 0 && (how === 'held' || how === 'cancelled');
      const made = command(draw, now, 'blockdev-backup', {
        'job-id': `g${at}`,
        device: args.device ?? source.name,
        target: args.target && typeof args.format !== 'string' ? args.target : { newDisk: `made${at}` },
        sync: 'full',
        speed: isSlow ? 1 : 0,
        ...ways(draw, at),
      });
      if (!made?.args) continue;
      actions.push({ type: 'blockdev-backup', data: made.args });
      now = after(now, made);
    }
    const grouped = isGrouped ? { properties: { 'completion-mode': 'grouped' } } : {};
    return [
      ...(how === 'failed' ? errorFor(draw, situation, now.jobs) : []),
      ...(only(command(draw, situation, 'transaction', { actions, ...grouped })) ?? []),
    ];
  };

/** One of them waits to be finalized by hand as a rule, the other one does not. */
const ways = (draw: Draw, at: number): JsonObject => ({
  'auto-finalize': draw.chance(at === 0 ? 0.7 : 0.3),
  'auto-dismiss': draw.chance(0.6),
});

function errorFor(draw: Draw, situation: Situation, jobs: readonly GuessedJob[]): FaultStep[] {
  if (!offers(situation, 'blockdev-reopen')) return [];
  const touched = jobs.flatMap(({ source, target }) => [source, ...(target === undefined ? [] : [target])]);
  const disk = draw.anyOf(touched.filter((name) => canInject(situation, name)));
  if (disk === undefined) return [];
  const iotype = disk.startsWith('src') ? 'read' : 'write';
  return [{ fault: 'inject', disk, iotype, errno: 'EIO', once: true }];
}

const until =
  (what: 'waiting' | 'pending' | 'concluded'): Part =>
  (draw, { jobs }) => {
    const job = draw.anyOf(jobs);
    return job && [{ await: what, job: job.id, deadlineMs: draw.oneOf(limits.shortDeadlineMs) }];
  };

const looked: Part = (draw, situation) =>
  only(command(draw, situation, draw.oneOf(['query-block-jobs', 'query-jobs'])));

const verb =
  (name: 'cancel' | 'finalize'): Part =>
  (draw, situation) => {
    const fits = situation.jobs.filter(({ status }) => name === 'cancel' || status === 'pending');
    const job = draw.anyOf(fits);
    return job && verbSteps(draw, situation, name, job);
  };

const letGo: Part = (draw, situation) => {
  const job = situation.jobs.find(({ held }) => held);
  return job && only(command(draw, situation, 'block-job-set-speed', { device: job.id, speed: 0 }));
};

/** Each that is still there, one after the other. */
const dismissed: Part = (draw, situation) => {
  const job = situation.jobs.find(({ status }) => status === 'concluded');
  return job && only(command(draw, situation, 'job-dismiss', { id: job.id }));
};
