import { expect, test } from 'vitest';
import { lastVerbs } from '../../src/execute/last-verbs.ts';
import type { Observation } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';

let ids = 0;
const traceOf = (...parts: object[][]): Observation[] =>
  parts.flat().map((part, at) => ({ us: at, at: asPlace(at), ...part }) as unknown as Observation);
const told = (verb: string, job: string, error?: object): object[] => {
  const id = ++ids;
  return [
    { kind: 'command', id, name: verb, args: verb.startsWith('block') ? { device: job } : { id: job } },
    { kind: 'reply', id, ...(error ? { error } : { return: {} }) },
  ];
};
const created = (job: string): object[] => [
  { kind: 'event', name: 'JOB_STATUS_CHANGE', data: { id: job, status: 'created' } },
];
function ended(name: string, device: string): object[] {
  return [{ kind: 'event', name, data: { device, type: 'mirror' } }];
}
const refused = { class: 'GenericError', desc: 'no' };

test('of each job the last verb that was accepted, whichever command brought it', () => {
  const trace = traceOf(
    told('job-pause', 'a'),
    told('block-job-resume', 'a'),
    told('block-job-cancel', 'b'),
    told('job-complete', 'b', refused),
  );
  expect([...lastVerbs(trace)]).toEqual([
    ['a', 'resume'],
    ['b', 'cancel'],
  ]);
});

test.each<[string, object[]]>([
  ['begins', created('a')],
  ['may begin, since the one before is done', ended('BLOCK_JOB_COMPLETED', 'a')],
  ['may begin, since the one before was cancelled', ended('BLOCK_JOB_CANCELLED', 'a')],
])('a job of the same name that %s is another job', (_, event) => {
  const trace = traceOf(told('job-cancel', 'a'), told('job-pause', 'b'), event);
  expect([...lastVerbs(trace)]).toEqual([['b', 'pause']]);
});

test.each<[string, object]>([
  ['another monitor spoke', { kind: 'fault', fault: { fault: 'monitor', commands: [] }, outcome: 'armed' }],
  ['raw bytes were sent', { kind: 'raw-sent', text: '{', sizeBytes: 1 }],
])('after %s it is not known; what is told later is', (_, unread) => {
  const trace = traceOf(told('job-pause', 'a'), told('job-pause', 'b'), [unread], told('job-resume', 'b'));
  expect([...lastVerbs(trace)]).toEqual([['b', 'resume']]);
});
