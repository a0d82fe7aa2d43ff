import { mirrorsOntoNode } from '../../model/job-start.ts';
import { cardOf } from '../../qemu/cards.ts';
import type { Json } from '../../sequence/step.ts';
import { disturbancesOf } from '../disturbance.ts';
import type { Evidence, Exchange } from '../evidence.ts';
import { type JobHistory, jobsOf } from '../job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { mustFail } from './refusal.ts';

const busy: Rule = {
  name: 'validation/node-busy',
  kind: 'validation',
  statement:
    'While a mirror runs, its source and target are its own: they can be neither deleted, resized, snapshotted, streamed, committed nor given to another job.',
  source:
    'block/mirror.c, mirror_start_job: block_job_add_bdrv blocks every operation on both ("block device is in use by block job"); each command tried in running and ready on all versions',
};
const readOnly: Rule = {
  name: 'validation/read-only-target',
  kind: 'validation',
  statement: 'A mirror to a read-only node is refused.',
  source: 'block/mirror.c, mirror_start_job: the target is opened for writing; tried on all versions',
};

/** Only nodes of the arena, by their own names: a name that a step gave to another node proves nothing. */
export const nodeBusy: RuleFamily = {
  rules: [busy, readOnly],
  judge(evidence) {
    const { unknownFrom } = disturbancesOf(evidence);
    const disks = evidence.opened.sequence.arena.disks.filter(
      ({ open, frontend }) => open !== false && frontend !== 'drive' && frontend !== 'auto',
    );
    const names = new Set(disks.map(({ name }) => name));
    const fixed = new Set(disks.flatMap((disk) => (disk.readOnly ? [disk.name] : [])));
    const mirrors = jobsOf(evidence).lives.flatMap((life) => {
      const nodes = mirroredNodes(evidence, life).filter((node) => names.has(node));
      return life.options.type === 'mirror' && nodes.length > 0 ? [{ life, nodes }] : [];
    });
    let firstLive = 0;
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const wanted = namedBy(exchange);
      if (wanted.length === 0 || exchange.reply === undefined || exchange.reply > unknownFrom) return [];
      while (isOver(mirrors[firstLive]?.life, exchange)) firstLive++;
      const holder = mirrors
        .slice(firstLive, firstLive + 8)
        .find(
          ({ life, nodes }) =>
            nodes.some((node) => wanted.includes(node)) && runsThroughout(evidence, life, exchange),
        );
      if (holder)
        return mustFail(evidence, exchange, busy, ['GenericError'], { is: 'mirrored', job: holder.life.id });
      const target = mirrorsOntoNode(exchange.name) ? exchange.args.target : undefined;
      if (typeof target !== 'string' || !fixed.has(target) || reopened(evidence, exchange)) return [];
      return mustFail(evidence, exchange, readOnly, ['GenericError'], {
        is: 'read-only target',
        node: target,
      });
    });
  },
};

/** A `device` beside it is looked up first, and the node's name counts only where that is none (block.c, bdrv_lookup_bs). */
function namedBy({ name, args }: Exchange): string[] {
  const keys = Object.entries(cardOf(name)?.nodes ?? {}).filter(([, { free }]) => free);
  return keys.flatMap(([key]) => (key === 'node-name' && args.device !== undefined ? [] : text(args[key])));
}

function mirroredNodes({ trace }: Evidence, { startedBy }: JobHistory): string[] {
  const started = startedBy === undefined ? undefined : trace[startedBy];
  return started?.kind === 'command' ? [...text(started.args.device), ...text(started.args.target)] : [];
}

const text = (value: Json | undefined): string[] => (typeof value === 'string' ? [value] : []);

const isOver = (life: JobHistory | undefined, { notBefore }: Exchange): boolean =>
  life?.statuses.at(-1)?.status === 'null' && (life.statuses.at(-1)?.at ?? 0) < notBefore;

/** The job was there before the handler could run, and was still at work when the reply came. */
function runsThroughout(evidence: Evidence, life: JobHistory, exchange: Exchange): boolean {
  const { notBefore, reply } = exchange;
  const began = life.statuses[0]?.at ?? Number.POSITIVE_INFINITY;
  // Another job may have its id by now.
  if (began >= notBefore || reply === undefined || isOver(life, exchange)) return false;
  const found = jobsOf(evidence).foundWithin(life.id, notBefore, reply);
  return found.every(
    (status) => status === 'running' || status === 'paused' || status === 'ready' || status === 'standby',
  );
}

/** A reopen or a deletion before may have made it writable, or another node. */
function reopened({ trace }: Evidence, { reply }: Exchange): boolean {
  return trace
    .slice(0, reply)
    .some(
      (seen) =>
        seen.kind === 'command' &&
        seen.step !== undefined &&
        /reopen|blockdev-del|commit|snapshot/.test(seen.name),
    );
}
