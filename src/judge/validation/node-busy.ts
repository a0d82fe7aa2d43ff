import { mirrorsOntoNode } from '../../model/job-start.ts';
import { cardOf } from '../../qemu/cards.ts';
import type { Json } from '../../sequence/step.ts';
import { opening } from '../../trace/place.ts';
import type { Reason } from '../facts/reason.ts';
import { held } from '../graph/busy.ts';
import { unfit } from '../graph/starts.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { type JobHistory, jobsOf } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { RuleFamily, Violation } from '../rule.ts';
import { mustFail } from './refusal.ts';

/**
 * Two rules of the graph once more, by the arena and the events alone: what holds also where the graph is not known any
 * more. Only nodes of the arena, by their own names: a name that a step gave to another node proves nothing.
 */
export const nodeBusy: RuleFamily = {
  rules: [],
  judge(evidence, ledger) {
    const { unknown } = disturbancesOf(evidence);
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
      if (wanted.length === 0 || exchange.reply === undefined) return [];
      if (exchange.reply > unknown.from) return [];
      while (isOver(mirrors[firstLive]?.life, exchange)) firstLive++;
      for (const { life, nodes } of mirrors.slice(firstLive, firstLive + 8)) {
        const [member, node] = wanted.find(([, each]) => nodes.includes(each)) ?? [];
        if (member === undefined || node === undefined || !runsThroughout(evidence, life, exchange)) continue;
        const why: Reason = { is: 'held', member, node, type: 'mirror', job: life.id };
        return mustFail(evidence, exchange, { rule: held, classes, why }, ledger);
      }
      const target = mirrorsOntoNode(exchange.name) ? exchange.args.target : undefined;
      if (typeof target !== 'string' || !fixed.has(target) || reopened(evidence, exchange)) return [];
      const why: Reason = { is: 'read-only target', node: target };
      return mustFail(evidence, exchange, { rule: unfit, classes, why }, ledger);
    });
  },
};

const classes = ['GenericError'];

/**
 * Of a node's name under `device`, which only drives have, and another one beside it the other is taken (block.c,
 * bdrv_lookup_bs): there neither proves anything.
 */
function namedBy({ name, args }: Exchange): [member: string, node: string][] {
  if ('node-name' in args && 'device' in args) return [];
  return Object.entries(cardOf(name)?.nodes ?? {}).flatMap(([key, { free }]): [string, string][] => {
    const node = args[key];
    return free && typeof node === 'string' ? [[key, node]] : [];
  });
}

function mirroredNodes({ trace }: Evidence, { startedBy }: JobHistory): string[] {
  const started = startedBy === undefined ? undefined : trace[startedBy];
  return started?.kind === 'command' ? [...text(started.args.device), ...text(started.args.target)] : [];
}

const text = (value: Json | undefined): string[] => (typeof value === 'string' ? [value] : []);

const isOver = (life: JobHistory | undefined, { notBefore }: Exchange): boolean =>
  life?.statuses.at(-1)?.status === 'null' && (life.statuses.at(-1)?.at ?? opening) < notBefore;

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
