import { loadProperties, propertyFiles } from '../campaign/properties.ts';
import { openTryOut } from '../campaign/try-out.ts';
import { openSessions } from '../execute/sessions/sessions.ts';
import { drawFrom } from '../generate/draw.ts';
import { generateSequence } from '../generate/generate-sequence.ts';
import type { Property } from '../generate/property.ts';
import { gather } from '../judge/reading/evidence.ts';
import { type StorageKind, storageKind } from '../sequence/arena.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { type FaultStep, type ServerState, type Step, serverStates } from '../sequence/step.ts';
import { storageUsable } from '../target/storage/usable.ts';
import type { Trace } from '../trace/observation.ts';
import type { BenchProgram } from './bench.ts';
import type { Figure } from './measure.ts';

/**
 * Every trouble of every kind of server that this machine can have: sequences of the property that is about them, in
 * which whatever gets the matter is that trouble. How the jobs ended, and how long the slowest sequence took.
 */
export async function* storageCells(program: BenchProgram, tries: number): AsyncGenerator<Figure> {
  const [property] = (await loadProperties(propertyFiles())).filter(({ name }) => name === 'real-storage');
  if (!property) return;
  for (const { kind, lack } of await storageUsable(program.target)) {
    if (kind === 'file' || lack) continue;
    for (const trouble of serverStates) {
      if (trouble === 'well') continue;
      yield await cell(program, property, { kind, trouble, tries });
    }
  }
}

type Cell = { kind: StorageKind; trouble: ServerState; tries: number };

async function cell(program: BenchProgram, property: Property, plan: Cell): Promise<Figure> {
  const { target, flavour, name: on } = program;
  const { kind, trouble, tries } = plan;
  const sessions = openSessions({ ...program, storage: [kind] });
  const tryOut = openTryOut({ target, flavour, sessions });
  const met = new Map<string, number>();
  const note = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);
  let slowestMs = 0;
  let armed = 0;
  try {
    const schema = await sessions.schema();
    const binary = { version: target.version, flavour, schema, storage: [kind] };
    for (let drawn = 0; armed < tries && drawn < 3 * tries; drawn++) {
      const draw = drawFrom(`${kind} ${trouble} ${drawn}`);
      const sequence = withTrouble(generateSequence(property, binary, draw), trouble);
      if (!sequence) continue;
      const { trace, violations, reason } = await tryOut(sequence);
      const refusal = refusedWith(trace, trouble);
      if (refusal !== undefined)
        return { what: `${kind} ${trouble}`, on, unit: '', ours: 0, detail: refusal };
      if (reason !== undefined) note(`unknown: ${reason}`);
      armed++;
      for (const ending of endings(trace)) note(ending);
      for (const { rule } of violations) note(`! ${rule.name}`);
      slowestMs = Math.max(slowestMs, slowestAnswerMs(trace));
    }
  } finally {
    await sessions.close();
  }
  const counts = [...met].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${times} ${what}`);
  return {
    what: `${kind} ${trouble}, slowest reply`,
    on,
    unit: 'ms',
    ours: slowestMs,
    detail: `${armed} sequences: ${counts.join(', ')}`,
  };
}

/** The sequence with that trouble in the place of every other; undefined where it has no disk on a server. */
function withTrouble(sequence: Sequence, is: ServerState): Sequence | undefined {
  const disk = sequence.arena.disks.find((each) => storageKind(each) !== 'file')?.name;
  if (disk === undefined) return undefined;
  const isTrouble = (step: Step): step is Extract<FaultStep, { fault: 'server' }> =>
    'fault' in step && step.fault === 'server' && step.is !== 'well';
  const steps = sequence.steps.map((step) =>
    isTrouble(step) ? { fault: 'server' as const, disk: step.disk, is } : step,
  );
  if (steps.some(isTrouble)) return { ...sequence, steps };
  const trouble: Step[] = [
    { fault: 'server', disk, is },
    { pause: 5 },
    { fault: 'server', disk, is: 'well' },
  ];
  const behindStart =
    1 + steps.findIndex((step) => 'qmp' in step && /mirror|backup|commit|stream/.test(step.qmp));
  return { ...sequence, steps: steps.toSpliced(behindStart, 0, ...trouble) };
}

/** A kind of server that can't have it at all refuses it every time. */
function refusedWith(trace: Trace, is: ServerState): string | undefined {
  const faults = trace.filter(
    (seen) => seen.kind === 'fault' && seen.fault.fault === 'server' && seen.fault.is === is,
  );
  const refused = faults.find((seen) => seen.kind === 'fault' && seen.outcome === 'refused');
  const text = refused?.kind === 'fault' ? (refused.text ?? '') : '';
  return refused && !text.startsWith('no server') ? `refused: ${text}` : undefined;
}

function endings(trace: Trace): string[] {
  return trace.flatMap((seen) => {
    if (seen.kind === 'exit' && !seen.asked) return ['QEMU gone'];
    if (seen.kind !== 'event') return [];
    if (seen.name === 'BLOCK_JOB_CANCELLED') return ['cancelled'];
    if (seen.name === 'BLOCK_JOB_COMPLETED') return [seen.data.error === undefined ? 'completed' : 'failed'];
    return [];
  });
}

function slowestAnswerMs(trace: Trace): number {
  const exchanges = gather(trace)?.exchanges ?? [];
  return Math.max(
    0,
    ...exchanges.map(({ sent, reply }) => ((trace[reply ?? sent]?.us ?? 0) - (trace[sent]?.us ?? 0)) / 1000),
  );
}
