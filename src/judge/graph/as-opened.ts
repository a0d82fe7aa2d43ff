import { childRoles } from '../../model/graph/add-node.ts';
import { cardOf } from '../../qemu/cards.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { stepOf } from '../validation/refusal.ts';
import { actionsOf } from './transactions.ts';

const asOpened: Rule = {
  name: 'graph/as-opened',
  kind: 'state',
  statement:
    'When all jobs are over, a node that no command has changed is shown with the driver, the read-only flag and the detect-zeroes that it was opened with: what a job makes writable for its time it gives back. (A mirror gives its target the flag of its source.)',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockDeviceInfo: "true if the backing device was open read-only"; block/commit.c and block/stream.c set the flag back when they are done, block/mirror.c what it had made writable',
};

/** What jobs leave behind of the nodes that they were given. */
export const asOpenedRules: RuleFamily = {
  rules: [asOpened],
  judge(evidence, ledger) {
    const queries = evidence.exchanges.filter(({ name }) => name === 'query-named-block-nodes');
    if (queries.length === 0) return [];
    const opened = openedNodes(evidence);
    return queries.flatMap((query) => judgeQuery(evidence, query, opened, ledger));
  },
};

type Opened = { from: Place; driver: string; readOnly: boolean; detectZeroes: string };

function judgeQuery(
  evidence: Evidence,
  query: Exchange,
  opened: ReadonlyMap<string, Opened>,
  ledger: Ledger,
): Violation[] {
  const { reply: at, notBefore } = query;
  const answer = replyOf(evidence, query)?.return;
  if (at === undefined || !Array.isArray(answer) || jobsBetween(evidence, notBefore, at)) return [];
  const { either } = disturbancesOf(evidence);
  if (at >= either.from) {
    ledger.undecided(asOpened, either);
    return [];
  }
  const changed = changedBefore(evidence, at);
  return answer.filter(isJsonObject).flatMap((entry): Violation[] => {
    const node = `${entry['node-name']}`;
    const known = opened.get(node);
    if (!known || known.from > notBefore || entry.active === false) return [];
    if (changed.has(node)) return [];
    for (const [member, wanted] of membersOf(known)) {
      const value = entry[member];
      if (value === undefined || value === wanted) continue;
      const facts = {
        shape: 'shown',
        query: query.name,
        what: 'as opened',
        node,
        member,
        value,
        wanted,
      } as const;
      return [{ rule: asOpened, at, ...stepOf(query), facts }];
    }
    ledger.held(asOpened);
    return [];
  });
}

const membersOf = ({ driver, readOnly, detectZeroes }: Opened): ['drv' | 'ro' | 'detect_zeroes', Json][] => [
  ['drv', driver],
  ['ro', readOnly],
  ['detect_zeroes', detectZeroes],
];

/** A job makes nodes writable for its time. */
const jobsBetween = (evidence: Evidence, from: Place, to: Place): boolean =>
  jobsOf(evidence).lives.some(({ entries, statuses }) => {
    const last = statuses.at(-1);
    const begin = entries[0]?.at ?? to;
    return begin < to && !(last?.status === 'null' && last.at < from);
  });

/** Nodes by the options that opened them last. One that QEMU opened by itself is not known. */
function openedNodes(evidence: Evidence): ReadonlyMap<string, Opened> {
  const opened = new Map<string, Opened>();
  for (const exchange of evidence.exchanges) {
    const { name, args, reply, sent } = exchange;
    if (name !== 'blockdev-add' || reply === undefined || replyOf(evidence, exchange)?.error) continue;
    enter(opened, args, sent);
  }
  return opened;
}

/** Nested nodes inherit flags: only what stands at the top, or says so itself, is known. */
function enter(opened: Map<string, Opened>, options: JsonObject, from: Place): void {
  const { 'node-name': name, driver, 'read-only': readOnly = false } = options;
  for (const [, child] of childRoles(options))
    if (isJsonObject(child) && typeof child['node-name'] === 'string') opened.delete(child['node-name']);
  if (typeof name !== 'string' || typeof driver !== 'string') return;
  const zeroes = options['detect-zeroes'] ?? 'off';
  const isPlain = typeof readOnly === 'boolean' && options['auto-read-only'] !== true;
  if (!isPlain || typeof zeroes !== 'string') opened.delete(name);
  else opened.set(name, { from, driver, readOnly, detectZeroes: zeroes });
}

/** Nodes that a command may have changed, and the targets that a mirror gives its source's flag. */
function changedBefore(evidence: Evidence, before: Place): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const exchange of evidence.exchanges) {
    if (exchange.sent >= before) break;
    if (exchange.name === 'blockdev-add' || replyOf(evidence, exchange)?.error) continue;
    const actions =
      exchange.name === 'transaction'
        ? actionsOf(exchange.args)
        : [{ type: exchange.name, data: exchange.args }];
    for (const { type, data } of actions)
      if (mayChange(evidence, type, data, changed)) for (const text of stringsIn(data)) changed.add(text);
  }
  return changed;
}

function mayChange(
  evidence: Evidence,
  type: string,
  data: JsonObject,
  changed: ReadonlySet<string>,
): boolean {
  const card = cardOf(type);
  if (card?.verb || card?.job?.kind === 'plain') return card.verb === undefined;
  // Where source and target were not opened alike, or are no more, the target follows the source.
  if (card?.job)
    return (
      card.job.type === 'mirror' &&
      ([data.device, data.target].some((node) => changed.has(`${node}`)) ||
        !areAlike(openedNodes(evidence), data))
    );
  return (
    card?.change?.kind !== 'bitmap' && card?.change?.kind !== 'export' && !/^(query-|qom-|object-)/.test(type)
  );
}

function areAlike(opened: ReadonlyMap<string, Opened>, { device, target }: JsonObject): boolean {
  const [source, to] = [opened.get(`${device}`), opened.get(`${target}`)];
  return source !== undefined && source.readOnly === to?.readOnly;
}

function stringsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : [];
}
