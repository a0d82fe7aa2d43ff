import { isJsonObject } from '../../sequence/json-object.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { gotOf } from '../facts/reply.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import { showsMigrationEnd } from '../reading/migration.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { stepOf } from '../validation/refusal.ts';

const activeAgain: Rule = {
  name: 'graph/active-after-cont',
  kind: 'state',
  statement:
    'Once a migration has ended and the machine runs again here, no node is inactive that no command made so: none is listed as such, and no command is refused for it.',
  source:
    'we expect it: after an external snapshot with memory (stop, migrate, cont) management goes on with all nodes, those that no device uses among them; "active" of BlockDeviceInfo names the source after a migration as the case of inactive nodes, and cont takes the images back',
  since: '10.0',
};

/** The source of a migration that goes on running. */
export const activeAfterCont: RuleFamily = {
  rules: [activeAgain],
  judge(evidence, ledger) {
    const runsFrom = runningAgain(evidence);
    if (runsFrom === undefined) return [];
    const until = madeInactive(evidence);
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const { sent, reply: at, name } = exchange;
      const reply = replyOf(evidence, exchange);
      if (sent < runsFrom || sent >= until || at === undefined || !reply) return [];
      const rule = activeAgain;
      if (isForInactive(reply.error?.desc)) {
        const why = { is: 'nothing made inactive' } as const;
        const facts: Fact = { shape: 'reply', command: name, why, due: ['success'], got: gotOf(reply) };
        return [{ rule, at, ...stepOf(exchange), facts }];
      }
      if (name !== 'query-named-block-nodes' || !Array.isArray(reply.return)) return [];
      const nodes = reply.return.filter(isJsonObject);
      const left = nodes.find(({ active }) => active === false);
      if (!left) {
        ledger.held(rule);
        return [];
      }
      const node = String(left['node-name']);
      const facts: Fact = { shape: 'shown', query: name, what: 'inactive', node, after: 'cont' };
      return [{ rule, at, ...stepOf(exchange), facts }];
    });
  },
};

/** "read-only or inactive node" (11.1) may be said of a node that is read-only, as what has got an overlay is. */
const isForInactive = (desc = ''): boolean =>
  /\binactive\b/.test(desc) && !/\bread-only or inactive\b/.test(desc);

/** Where `cont` was answered well after the last migration, which was seen to have ended before; else undefined. */
function runningAgain(evidence: Evidence): Place | undefined {
  const { exchanges, trace, byReply } = evidence;
  const migrated = exchanges.findLast(({ name }) => name === 'migrate');
  if (!migrated) return undefined;
  const ended = trace.findIndex(
    (seen, at) => at > migrated.sent && showsMigrationEnd(seen, byReply.get(at as Place)),
  );
  const cont = exchanges.find(({ name, sent }) => ended !== -1 && name === 'cont' && sent > ended);
  const reply = cont && replyOf(evidence, cont);
  return reply && !reply.error ? cont?.reply : undefined;
}

/** From where on something may have made nodes inactive, or the model can't tell. */
function madeInactive({ trace, exchanges }: Evidence): Place {
  const asked = exchanges.find(
    ({ name, args }) =>
      /^(blockdev-set-active|human-monitor-command|snapshot-(save|load))$/.test(name) ||
      JSON.stringify(args).includes('"active":false'),
  );
  const raw = trace.findIndex(({ kind }) => kind === 'raw-sent');
  return Math.min(asked?.sent ?? nowhere, raw === -1 ? nowhere : raw) as Place;
}
