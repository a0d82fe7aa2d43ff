import { isQuestion } from '../../qemu/cards.ts';
import type { Arena, Disk } from '../../sequence/arena.ts';
import type { GuestOp, Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { Evidence } from '../reading/evidence.ts';

type Begin = Extract<Observation, { kind: 'guest-begin' }>;
export type Request = { asked: Begin; begin: Place; end: Place; result: string; text: string };
/** The one filter of an arena: the guest's disk below it, and where it saves what was there. */
export type Filter = {
  source: Disk;
  target: Disk;
  breaks: 'snapshot' | 'guest write';
  /** 0: it waits without end. */
  timeoutSeconds: number;
};

/** A guest's disk right below the filter, and beside it nothing but nodes that read the past. */
export function filterOf({ disks, nodes = [] }: Arena): Filter | undefined {
  const filters = nodes.filter(({ driver }) => driver === 'copy-before-write');
  const [filter] = filters;
  const isAlone =
    filters.length === 1 &&
    nodes.every(
      (node) => node === filter || (node.driver === 'snapshot-access' && node.file === filter?.['node-name']),
    );
  if (!filter || !isAlone || filter.bitmap !== undefined) return undefined;
  const source = disks.find(({ name, through }) => name === filter.file && through === filter['node-name']);
  const target = disks.find(({ name }) => name === filter.target);
  if (!source || !target || source.backing !== undefined || source.layers !== undefined) return undefined;
  return {
    source,
    target,
    breaks: filter['on-cbw-error'] === 'break-snapshot' ? 'snapshot' : 'guest write',
    timeoutSeconds: Number(filter['cbw-timeout'] ?? 0),
  };
}

/** Nothing was done but faults, requests, questions, and jobs that copy the past. */
export function isQuiet(evidence: Evidence): boolean {
  const { exchanges, trace, opened } = evidence;
  const { arena, steps } = opened.sequence;
  const past = new Set(
    (arena.nodes ?? []).filter(({ driver }) => driver === 'snapshot-access').map((node) => node['node-name']),
  );
  const filter = filterOf(arena);
  const isOfThePast = ({ name, args }: { name: string; args: Record<string, unknown> }): boolean =>
    /^blockdev-(mirror|backup)$/.test(name) &&
    past.has(`${args.device}`) &&
    args.target !== filter?.source.name &&
    args.target !== filter?.target.name &&
    args.replaces === undefined;
  return (
    exchanges.every((exchange) => {
      if (exchange.step === undefined || isQuestion(exchange.name) || isOfThePast(exchange)) return true;
      const step = steps[exchange.step];
      return step !== undefined && ('fault' in step || 'guest' in step);
    }) &&
    trace.every((seen) => seen.kind !== 'fault' || known.has(seen.fault.fault)) &&
    !trace.some((seen) => seen.kind === 'raw-sent' || (seen.kind === 'expired' && seen.what !== 'guest'))
  );
}

const known: ReadonlySet<string> = new Set(['inject', 'lift', 'throttle', 'unthrottle']);

export function writesOf({ trace }: Evidence, disk: string): Request[] {
  const begun = new Map<number, { asked: Begin; begin: Place }>();
  return [...trace.entries()].flatMap(([at, seen]): Request[] => {
    if (seen.kind === 'guest-begin' && seen.disk === disk)
      begun.set(seen.request, { asked: seen, begin: at as Place });
    const request = seen.kind === 'guest-end' ? begun.get(seen.request) : undefined;
    if (seen.kind !== 'guest-end' || !request || !writes.has(request.asked.op.op)) return [];
    return [{ ...request, end: at as Place, result: seen.result, text: seen.text ?? seen.result }];
  });
}

const writes: ReadonlySet<GuestOp['op']> = new Set(['write', 'zero']);
