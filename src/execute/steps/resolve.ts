import { join } from 'node:path';
import type { Disk } from '../../sequence/arena.ts';
import { newDisk } from '../../sequence/new-disk.ts';
import { asReference, type Reference } from '../../sequence/reference.ts';
import type { Json, QmpStep } from '../../sequence/step.ts';
import { destinationUri, incomingUri } from '../arena/destination.ts';
import type { Run } from '../run.ts';

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
        return uriOf(run, reference.disk);
      case 'incoming':
        return incomingUri(run);
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

/** A disk for commands that open their target themselves: on its server, at the destination, or as the file that it is. */
function uriOf(run: Run, name: string): string {
  const placed = run.disks.get(name);
  const isLocal = placed !== undefined && placed.disk.servedBy === undefined;
  return placed?.served?.url ?? (isLocal ? placed.path : destinationUri(run, name));
}

/** Prints as exactly these digits (ECMAScript's JSON.parse source text access; not yet in TypeScript's library). */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): Json };

/** `#N` as the id of the job it stands for now; the text itself where there is none, which no job can have. */
export function resolveJob(run: Run, reference: string): string {
  const asJob = asReference(reference);
  return asJob?.kind === 'job' ? (run.jobs.known()[asJob.index] ?? reference) : reference;
}
