import { dirname, join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { execute } from '../execute/execute.ts';
import { keepSchema } from '../execute/sessions/schema-store.ts';
import type { Sessions } from '../execute/sessions/sessions.ts';
import { openTraceFile } from '../execute/trace-file.ts';
import { signatureOf } from '../findings/signature.ts';
import { judge } from '../judge/judge.ts';
import type { Verdict } from '../judge/ledger.ts';
import type { Violation } from '../judge/rule.ts';
import { undecided } from '../judge/undecided.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Attempt } from '../shrink/try-out.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { cutShort } from './trouble/cut-short.ts';
import { mustHaveHadRoom } from './trouble/disk-full.ts';
import { missingFor } from './trouble/requirement.ts';
import type { Trouble } from './trouble/trouble.ts';

/** One run of a sequence; `violations` are those of `signatures`, one each. */
export type Judged = Attempt & {
  violations: readonly Violation[];
  /** What each rule said; of one that was not run, or that the machine cut short, nothing. */
  verdicts: readonly Verdict[];
  trace: Trace;
  /** Edges of QEMU's code that it reached, where the build counts them. */
  edges?: readonly number[];
  /** Why it was not run, or why there is no verdict; of a run that failed: what else of it could not be judged. */
  reason?: string;
  /** The machine failed: `reason` says how. */
  trouble?: Trouble;
  /** This QEMU or machine lacks what the sequence needs. */
  isSkipped?: true;
  /** What looks broken may be a message that was lost on its way. */
  maybeLostDatagram?: true;
};

type On = {
  target: QemuTarget;
  flavour: Flavour;
  sessions: Sessions;
  /** Where its trace goes as it is seen, for `mirrorfuzz judge`. */
  traceFile?: string;
  /** As `execute` has them. */
  deadlineScale?: number;
  resumeDeadlineScale?: number;
};

/** Runs a sequence on a pristine session and judges the trace. A failure of the machine is a run without a verdict. */
export async function runAndJudge(sequence: Sequence, on: On): Promise<Judged> {
  const { target, flavour, sessions } = on;
  try {
    const lacks = await missingFor(sequence, { target, flavour, schema: sessions.schema });
    if (lacks !== undefined)
      return { signatures: [], violations: [], verdicts: [], trace: [], reason: lacks, isSkipped: true };
    return await runHere(sequence, on);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    await sessions.giveBack(false);
    return cutShort(error);
  }
}

async function runHere(sequence: Sequence, { sessions, traceFile, ...how }: On): Promise<Judged> {
  const file = traceFile === undefined ? undefined : openTraceFile(traceFile);
  const on = await sessions.pristine(sequence);
  const run = execute(sequence, { ...on, ...how }, file?.sink);
  const { trace, pristine, freeBytesLeft, edges } = await run.finally(() => file?.close());
  const introspection = await sessions.introspection();
  if (traceFile !== undefined) keepSchema(introspection, join(dirname(traceFile), 'schemas'));
  const { violations, verdicts } = judge(trace, introspection.schema);
  const reason = undecided(trace);
  const isPass = violations.length === 0 && reason === undefined;
  const { line, lost } = on.session;
  const maybeLostDatagram = !isPass && line === 'datagrams' && (lost() > 0 || lacksAnswer(trace));
  await sessions.giveBack(pristine && !maybeLostDatagram);
  if (!isPass) mustHaveHadRoom(trace, freeBytesLeft);
  return {
    signatures: violations.map((violation) => signatureOf(violation, trace)),
    violations,
    verdicts,
    trace,
    ...(edges.length > 0 ? { edges } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(maybeLostDatagram ? { maybeLostDatagram } : {}),
  };
}

/** A later command was answered, so that QEMU does answer: this answer may have been too long for a datagram. */
function lacksAnswer(trace: Trace): boolean {
  const at = trace.findIndex((seen) => seen.kind === 'expired' && seen.what === 'command');
  const expired = trace[at];
  if (expired?.kind !== 'expired') return false;
  const answered = trace
    .slice(at)
    .flatMap((seen) => (seen.kind === 'reply' && seen.id !== undefined ? [seen.id] : []));
  return answered.length > 0 && !answered.some((id) => id === expired.id);
}
