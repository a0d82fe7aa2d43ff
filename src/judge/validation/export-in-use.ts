import { nowhere, opening, type Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { mustFail } from './refusal.ts';

const inUse: Rule = {
  name: 'validation/export-in-use',
  kind: 'validation',
  statement:
    'The export that a guest is connected to is not removed, unless mode says hard. Judged where the guest has one client, and nothing has cut that off since its last request.',
  source:
    'qapi/block-export.json (QEMU 10.0), BlockExportRemoveMode: "Remove export if there are no existing connections, fail otherwise."; block-export-del: "Default is \'safe\'."',
};

/** A guest stays connected to its disk's export from its first request on. */
export const exportInUse: RuleFamily = {
  rules: [inUse],
  judge(evidence, ledger) {
    const removals = evidence.exchanges.filter(({ name, oob }) => name === 'block-export-del' && !oob);
    return removals.flatMap((exchange): Violation[] => judgeRemoval(evidence, exchange, ledger));
  },
};

function judgeRemoval(evidence: Evidence, exchange: Exchange, ledger: Ledger): Violation[] {
  const { id, mode = 'safe', ...others } = exchange.args;
  const disk = typeof id === 'string' ? /^export-(.+)$/.exec(id)?.[1] : undefined;
  if (disk === undefined || mode !== 'safe' || Object.keys(others).length > 0) return [];
  const { arena, steps } = evidence.opened.sequence;
  if (!arena.disks.some(({ name }) => name === disk)) return [];
  if (!isConnected(evidence, disk, exchange)) return [];
  const { unknown } = disturbancesOf(evidence);
  if (exchange.sent >= unknown.from) {
    ledger.undecided(inUse, unknown);
    return [];
  }
  // Which of several clients has gone is not told.
  if (steps.some((step) => 'guest' in step && step.client !== undefined)) {
    ledger.undecided(inUse, 'several answers');
    return [];
  }
  const why = { is: 'client connected', id: `${id}` } as const;
  return mustFail(evidence, exchange, { rule: inUse, classes: ['GenericError'], why }, ledger);
}

/** Its last request was answered, and came after all that may have cut the guest off. */
function isConnected(evidence: Evidence, disk: string, { sent }: Exchange): boolean {
  const cut = lastCut(evidence, sent);
  const asked = new Map<number, Place>();
  let last = false;
  for (const [at, seen] of evidence.trace.entries()) {
    if (at >= sent) break;
    if (seen.kind === 'guest-begin' && seen.disk === disk && seen.via === 'nbd') asked.set(seen.request, at);
    const begin = seen.kind === 'guest-end' ? asked.get(seen.request) : undefined;
    if (begin !== undefined && seen.kind === 'guest-end') last = seen.result === 'ok' && begin > cut;
  }
  return last;
}

/** Where something may have ended connections last; nowhere where that is not answered yet. */
function lastCut({ exchanges }: Evidence, before: Place): Place {
  const cuts = exchanges.filter(({ name, sent }) => sent < before && cutsOff.has(name));
  return cuts.reduce((last, { reply = nowhere }) => (reply > last ? reply : last), opening);
}

const cutsOff: ReadonlySet<string> = new Set([
  'block-export-del',
  'nbd-server-stop',
  'nbd-server-remove',
  'human-monitor-command',
  'quit',
]);
