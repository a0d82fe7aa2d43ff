import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import type { WhyUndecided } from '../why-undecided.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { shownBy } from './snapshot-access.ts';

export const snapshotKept: IntegrityRule = {
  rule: {
    name: 'integrity/snapshot-kept',
    kind: 'integrity',
    statement:
      'A snapshot-access node can be read as a whole once all is quiet and no error is injected any more; under on-cbw-error=break-snapshot, where nothing may have made a copy fail before.',
    source:
      'qapi/block-core.json (QEMU 10.0), OnCbwError: "This way, the guest will not be able to overwrite areas that cannot be backed up, so the backup process remains valid."',
  },
  judge(evidence, story, ledger) {
    return evidence.trace.flatMap((seen, at) => {
      if (seen.kind !== 'past') return [];
      const { rule } = snapshotKept;
      const { node, failed } = seen;
      if (failed === undefined && seen.text === undefined) {
        ledger.held(rule);
        return [];
      }
      const view = shownBy(evidence, story, node, at);
      const isUnknown = typeof view === 'string' || 'why' in view;
      const reason = isUnknown ? view : excuse(evidence, view.viewBy ?? '');
      const why = failed === 'read' ? reason : 'image not read';
      if (why) {
        ledger.undecided(rule, why);
        return [];
      }
      return [
        {
          rule,
          at,
          facts: { shape: 'shown', query: 'NBD read', what: 'past lost', node, error: seen.text ?? '' },
        },
      ];
    });
  },
};

/** What may keep a piece of the past from being read, for good. */
function excuse(evidence: Evidence, filter: string): WhyUndecided | undefined {
  const { opened, trace, exchanges } = evidence;
  const { disks, nodes = [] } = opened.sequence.arena;
  const added = exchanges.filter(
    (each) => each.name === 'blockdev-add' && replyOf(evidence, each)?.return !== undefined,
  );
  const all: JsonObject[] = [...nodes, ...added.map(({ args }) => args)].filter(isJsonObject);
  const hasErrors = all.some(
    (each) =>
      /"driver":"(blkdebug|nbd|quorum)"/.test(JSON.stringify(each)) &&
      !isTakenOut(evidence, each['node-name']),
  );
  const isOdd = disks.some(
    ({ layers = [], storage = 'file' }) =>
      layers.some((layer) => !('throttle' in layer)) || storage !== 'file',
  );
  if (hasErrors || isOdd) return 'error unknown';
  // What was given up is not to be read again, and what was resized or let go of by a migration is another disk.
  const isTouched =
    trace.some((seen) => seen.kind === 'guest-begin' && seen.op.op === 'discard') ||
    exchanges.some(
      (exchange) =>
        /^(block_resize|migrate|blockdev-set-active)$/.test(exchange.name) ||
        (exchange.name === 'blockdev-reopen' && !isOfFault(evidence, exchange)) ||
        exchange.args['discard-source'] === true,
    );
  if (isTouched) return 'touched';
  const options = all.find((each) => each['node-name'] === filter);
  // What is no filter of this kind keeps no past: its snapshot-access node is taken, and can never be read.
  if (options?.driver !== 'copy-before-write' || options.bitmap !== undefined) return 'content unknown';
  if (options['on-cbw-error'] !== 'break-snapshot') return undefined;
  const mayFail =
    trace.some(({ kind }) => kind === 'fault') ||
    (options['cbw-timeout'] !== undefined && options['cbw-timeout'] !== 0);
  return mayFail ? 'error met' : undefined;
}

/** A fault's node is there as long as its errors are: it went before anyone looked. */
const isTakenOut = ({ exchanges, trace }: Evidence, node: unknown): boolean => {
  const settles = trace.findLastIndex((seen) => seen.kind === 'past');
  const added = exchanges.filter(({ name, args }) => name === 'blockdev-add' && args['node-name'] === node);
  const gone = exchanges.filter(
    (each) =>
      each.name === 'blockdev-del' &&
      each.args['node-name'] === node &&
      each.sent < settles &&
      each.reply !== undefined &&
      trace[each.reply]?.kind === 'reply' &&
      !('error' in (trace[each.reply] ?? {})),
  );
  return added.length > 0 && gone.length === added.length;
};

/** Errors are put in and taken out by a reopen of what stands above. */
function isOfFault({ opened }: Evidence, { step }: Exchange): boolean {
  const made = step === undefined ? undefined : opened.sequence.steps[step];
  return step === undefined || (made !== undefined && 'fault' in made);
}
