import type { Verdict } from '../../judge/ledger.ts';
import { ruled, ruledVerbs } from '../../judge/rule-coverage.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import type { FaultStep } from '../../sequence/step.ts';
import { statusChange, type Trace } from '../../trace/observation.ts';
import { answers, evidencesOf, isKnown } from './coverage.ts';

/**
 * What a run showed, as short texts, to be compared with what earlier runs showed: status x command x outcome, triples
 * of neighbouring events, the words of errors, which rules had something to rule on, how guest requests and faults
 * ended, which of QEMU's trace points it passed. A run with a feature that none had is worth keeping. `schema`: what
 * the trace was judged by, so that it is read no second time.
 */
export function featuresOf(trace: Trace, verdicts: readonly Verdict[], schema?: QmpSchema): Set<string> {
  const features = new Set<string>(ruled(verdicts));
  for (const evidence of evidencesOf(trace, schema)) {
    for (const { status, command, outcome, desc } of answers(evidence)) {
      const name = isKnown(evidence, command) ? command : undefined;
      if (name !== undefined) features.add(`${status} ${name} ${outcome}`);
      if (desc !== undefined) features.add(`says ${name ?? 'an unknown command'}: ${template(desc)}`);
    }
    for (const gram of eventGrams(evidence.trace)) features.add(`events ${gram}`);
    for (const ruling of ruledVerbs(evidence)) features.add(ruling);
  }
  for (const seen of trace) {
    if (seen.kind === 'points') {
      for (const [point, times] of Object.entries(seen.counts))
        features.add(`point ${point.slice(0, featureBytesMax)} x${magnitude(times)}`);
    }
    if (seen.kind === 'fault') features.add(`fault ${faultName(seen.fault)} ${seen.outcome}`);
    if (seen.kind === 'guest-end' && seen.result !== 'ok')
      features.add(`guest ${template(seen.text ?? seen.result)}`);
  }
  return features;
}

/** As a feature: a place in the map of a build that counts edges (target/process/edge-map.ts). */
export const edgeFeature = (place: number): string => `edge ${place}`;
export const isEdge = (feature: string): boolean => feature.startsWith('edge ');

const faultName = (fault: FaultStep): string =>
  fault.fault === 'server' ? `server ${fault.is}` : fault.fault;

/** 1, 2, 4, 8 and so on: how often is news only when it is much more often. */
const magnitude = (times: number): number => 2 ** Math.floor(Math.log2(times));

/** Three events of one job in a row, and the first and last of two jobs that come directly after each other. */
function eventGrams(trace: Trace): Set<string> {
  const grams = new Set<string>();
  const last = new Map<string, string[]>();
  for (const seen of trace) {
    if (seen.kind !== 'event') continue;
    const change = statusChange(seen);
    const job = change?.id ?? (typeof seen.data.device === 'string' ? seen.data.device : undefined);
    if (job === undefined) continue;
    const before = last.get(job) ?? [];
    before.push(change?.status ?? eventName(seen.name, seen.data));
    if (before.length > 3) before.shift();
    last.set(job, before);
    grams.add(before.join(' > '));
  }
  return grams;
}

/** An event with what sets it apart: how the job ended, which policy acted on which operation. */
function eventName(name: string, data: Record<string, unknown>): string {
  const { type, error, operation, action } = data;
  return [name, type, error === undefined ? undefined : 'error', operation, action]
    .filter((part) => typeof part === 'string')
    .join(' ');
}

/** The words of an error without the names and numbers in it. */
function template(desc: string): string {
  return desc
    .replaceAll(/'[^']*'|"[^"]*"/g, '…')
    .replaceAll(/#block\d+|\/\S+|\d+/g, '…')
    .slice(0, featureBytesMax);
}

/** Hostile arguments come back in errors, as long as they were. */
const featureBytesMax = 100;
