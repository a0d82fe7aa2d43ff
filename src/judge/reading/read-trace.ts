import type { QmpSchema } from '../../qmp/schema.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import { retell } from '../dialect/retold.ts';
import { type Evidence, gather } from './evidence.ts';
import { livesOfQemu } from './lives-of-qemu.ts';

/** One QEMU of a trace: what rules read of it, and the same as it was spoken, where that was in a dialect. */
export type ReadLife = { isFirst: boolean; inOurWords: ReadIn | undefined; asSpoken: ReadIn | undefined };

/** `placeSeen`: a place in the evidence's trace as one in what was seen. */
type ReadIn = { evidence: Evidence; placeSeen(at: Place): Place };

const known = new WeakMap<Trace, { schema: QmpSchema | undefined; length: number; lives: ReadLife[] }>();

/** Read once for each trace, whether it is judged or only counted: reading costs as much as judging. */
export function readTrace(trace: Trace, schema?: QmpSchema): ReadLife[] {
  const before = known.get(trace);
  if (before && before.length === trace.length && before.schema === schema) return before.lives;
  const lives = livesIn(trace, schema);
  known.set(trace, { schema, length: trace.length, lives });
  return lives;
}

function livesIn(trace: Trace, schema: QmpSchema | undefined): ReadLife[] {
  const retold = retell(trace);
  const spoken = livesOfQemu(trace);
  let former: Evidence | undefined;
  let formerSpoken: Evidence | undefined;
  const lives = livesOfQemu(retold.trace);
  return lives.map((life, i): ReadLife => {
    const { isFirst } = life;
    const evidence = gather(life.trace, schema, former, lives.length > 1);
    former = evidence;
    const placeSeen = (at: Place): Place => retold.placeSeen(life.placeInAll(at));
    const inOurWords = evidence && { evidence, placeSeen };
    if (retold.trace === trace) return { isFirst, inOurWords, asSpoken: inOurWords };
    const own = spoken[i];
    const heard = own && gather(own.trace, schema, formerSpoken);
    formerSpoken = heard;
    const asSpoken = own && heard && { evidence: heard, placeSeen: own.placeInAll };
    return { isFirst, inOurWords, asSpoken };
  });
}
