import { join } from 'node:path';
import type { Disk } from '../sequence/arena.ts';
import { asReference, type Reference } from '../sequence/reference.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json, QmpStep } from '../sequence/step.ts';
import { destinationSocket } from './destination.ts';
import type { Run } from './run.ts';

/** A command's arguments with every late-bound reference looked up now, and the disks that must be made first. */
export function resolveArgs(run: Run, step: QmpStep): { args: Record<string, Json>; newDisks: Disk[] } {
  const newDisks: Disk[] = [];
  const args: Record<string, Json> = {};
  for (const [key, value] of Object.entries(step.args ?? {})) args[key] = resolve(value);
  return { args, newDisks };

  function resolve(value: Json): Json {
    const reference = asReference(value);
    if (reference) return lookUp(reference);
    if (Array.isArray(value)) return value.map(resolve);
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
    }
    return value;
  }

  function lookUp(reference: Reference): Json {
    switch (reference.kind) {
      case 'job':
        return resolveJob(run, `#${reference.index}`);
      case 'disk':
        return run.disks.get(reference.disk)?.drive ?? reference.disk;
      case 'node':
        return reference.layer === undefined ? reference.disk : `${reference.disk}-${reference.layer}`;
      case 'path':
        return run.disks.get(reference.disk)?.path ?? join(run.dir, reference.disk);
      case 'uri':
        return `nbd+unix:///${reference.disk}?socket=${destinationSocket(run)}`;
      case 'newFile':
        return join(run.dir, reference.file);
      case 'newDisk': {
        if (!run.disks.has(reference.disk)) newDisks.push(newDisk(reference, step, run.sequence));
        return reference.disk;
      }
      case 'number':
        return rawJSON(reference.digits);
      case 'literal':
        return reference.value;
    }
  }
}

/** Prints as exactly these digits (ECMAScript's JSON.parse source text access; not yet in TypeScript's library). */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): Json };

/** `#N` as the id of the job it stands for now; the text itself where there is none, which no job can have. */
export function resolveJob(run: Run, reference: string): string {
  const asJob = asReference(reference);
  return asJob?.kind === 'job' ? (run.jobs.known()[asJob.index] ?? reference) : reference;
}

/** Every disk that some step makes: its template is prepared before the first step, so that steps stay fast. */
export function disksMadeBySteps(sequence: Sequence): Disk[] {
  const made = new Map<string, Disk>();
  for (const step of sequence.steps) {
    if (!('qmp' in step)) continue;
    const visit = (value: Json): void => {
      const reference = asReference(value);
      if (reference?.kind === 'newDisk') {
        if (!made.has(reference.disk)) made.set(reference.disk, newDisk(reference, step, sequence));
      } else if (!reference && value !== null && typeof value === 'object') {
        for (const inner of Object.values(value)) visit(inner);
      }
    };
    visit(step.args ?? {});
  }
  return [...made.values()];
}

/** Format and size of the disk that the command reads from, unless given. */
function newDisk(
  reference: Extract<Reference, { kind: 'newDisk' }>,
  step: QmpStep,
  sequence: Sequence,
): Disk {
  const device = asReference(step.args?.device ?? null);
  const source =
    sequence.arena.disks.find((disk) => device?.kind === 'disk' && disk.name === device.disk) ??
    sequence.arena.disks.find((disk) => disk.open !== false);
  return {
    name: reference.disk,
    format: reference.format ?? source?.format ?? 'raw',
    sizeBytes: reference.sizeBytes ?? source?.sizeBytes ?? 2 ** 20,
    fill: 'empty',
    ...(reference.backing === undefined ? {} : { backing: reference.backing }),
  };
}
