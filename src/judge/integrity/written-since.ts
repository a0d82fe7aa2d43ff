import { cardOf, isQuestion } from '../../qemu/cards.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import { firstPlace, nowhere, opening, type Place } from '../../trace/place.ts';
import type { ArmedError } from '../reading/armed-errors.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { eventsNamed, jobsOf } from '../reading/job-histories.ts';
import { beginOf } from '../reading/spent-errors.ts';

/**
 * Whether all that an error may have kept from being written to a disk's image was written since, or will be. What qcow2
 * could not write it keeps (block/qcow2-cache.c, qcow2_cache_entry_flush): nothing is lost where the image was not closed
 * meanwhile. Whoever asked for what failed was told; but what a job or a command had half done when it failed is not known.
 */
export function isWrittenSince(evidence: Evidence, error: ArmedError): boolean {
  const over = firstPlace(error.metAt ?? nowhere, takenOutAt(evidence, error));
  return over !== nowhere && !mayBeHalfDone(evidence, error.from, over);
}

/**
 * Where the node that failed requests was taken out, by a fault or by settling: QEMU flushes a node before it reopens it
 * (block.c, bdrv_reopen_prepare: "Error flushing drive").
 */
function takenOutAt(evidence: Evidence, { disk, from, surelyFrom }: ArmedError): Place {
  // A layer of the arena stays.
  if (surelyFrom === opening) return nowhere;
  const after = evidence.exchanges.filter((exchange) => exchange.sent > from && isDone(evidence, exchange));
  const back = after.find(({ name, args }) => name === 'blockdev-reopen' && isPutBack(args.options, disk));
  // As execute/faults/inserted-node.ts calls it.
  const removed = after.find((exchange) => deletes(exchange, `${disk}-fault`));
  const closed = after.find((exchange) => deletes(exchange, disk));
  if (!back || !removed || (closed && closed.sent < back.sent)) return nowhere;
  return back.reply ?? nowhere;
}

const isDone = (evidence: Evidence, exchange: Exchange): boolean =>
  replyOf(evidence, exchange)?.return !== undefined;

const deletes = ({ name, args }: Exchange, node: string): boolean =>
  name === 'blockdev-del' && args['node-name'] === node;

/** The disk's own node stands on what it stood on before. */
function isPutBack(options: unknown, disk: string): boolean {
  const [node] = Array.isArray(options) ? options : [];
  return (
    isJsonObject(node) &&
    node['node-name'] === disk &&
    typeof node.file === 'string' &&
    node.file !== `${disk}-fault` &&
    node.file !== `${disk}-valve`
  );
}

/** A header that could not be written, say: of a job that fails as of a command that is refused. */
function mayBeHalfDone(evidence: Evidence, from: Place, over: Place): boolean {
  const failed = jobsOf(evidence).lives.some((life) => {
    const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
    const hasFailed = end?.data.error !== undefined && end.at > from;
    return (
      hasFailed && beginOf(life) < over && life.options.type !== 'mirror' && life.options.type !== 'backup'
    );
  });
  return (
    failed ||
    evidence.exchanges.some(
      (exchange) =>
        exchange.step !== undefined &&
        exchange.sent < over &&
        (exchange.reply ?? nowhere) > from &&
        !isDone(evidence, exchange) &&
        !isQuestion(exchange.name) &&
        cardOf(exchange.name)?.verb === undefined,
    )
  );
}
