import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { signatureOf } from '../../src/findings/signature.ts';
import { openFindings } from '../../src/findings/store.ts';
import { judge } from '../../src/judge/judge.ts';
import type { Trace } from '../../src/trace/observation.ts';

const traces = join(import.meta.dirname, 'traces');

/** The findings that the project itself has. */
export const committed = openFindings(join(import.meta.dirname, '../../findings'));

/** Committed defects met again by other sequences, five a finding, recorded on the QEMU that shows them. */
export const metAgain = (): [id: string, traces: Trace[]][] =>
  readdirSync(join(traces, 'met-again')).map((file) => [
    file.replace('.jsonl.gz', ''),
    recordedIn('met-again', file),
  ]);

/** Recorded on a QEMU 10.0.13 into which one bug had been built; a trace for each rule that it breaks. */
export const planted = (name: string): Trace[] => recordedIn('planted', `${name}.jsonl.gz`);

/** What a trace breaks, by rule. */
export const signaturesOf = (trace: Trace): Map<string, string> =>
  new Map(judge(trace).violations.map((violation) => [violation.rule.name, signatureOf(violation, trace)]));

const recordedIn = (...path: string[]): Trace[] =>
  gunzipSync(readFileSync(join(traces, ...path)))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line): Trace => JSON.parse(line));
