import { expect, test } from 'vitest';
import { trackJobs } from '../../src/trace/jobs-seen.ts';
import type { Seen } from '../../src/trace/observation.ts';

const event = (name: string, data: Record<string, string>): Seen => ({
  kind: 'event',
  name,
  data,
  qemuUs: 0,
});
const status = (id: string, to: string): Seen => event('JOB_STATUS_CHANGE', { id, status: to });

test('jobs are known in the order of their start, until they are null', () => {
  const jobs = trackJobs();
  for (const id of ['b', 'a', 'c']) jobs.note(status(id, 'created'));
  expect(jobs.known()).toEqual(['b', 'a', 'c']);
  jobs.note(status('b', 'null'));
  expect(jobs.known()).toEqual(['a', 'c']);
  expect(jobs.job('b')).toMatchObject({ status: 'null', history: ['created', 'null'] });
});

test('an id that is used again is a new job, and stands last', () => {
  const jobs = trackJobs();
  for (const to of ['created', 'running', 'null']) jobs.note(status('a', to));
  jobs.note(status('b', 'created'));
  jobs.note(status('a', 'created'));
  expect(jobs.known()).toEqual(['b', 'a']);
  expect(jobs.job('a')?.history).toEqual(['created']);
});

test('an event belongs to the job that it names, be it as device or as id, and to no other', () => {
  const jobs = trackJobs();
  for (const id of ['a', 'b']) jobs.note(status(id, 'running'));
  jobs.note(event('BLOCK_JOB_READY', { device: 'a' }));
  jobs.note(event('BLOCK_JOB_PENDING', { id: 'b' }));
  jobs.note(event('BLOCK_JOB_READY', { device: 'unknown' }));
  expect(jobs.job('a')?.events.map(({ name }) => name)).toEqual(['BLOCK_JOB_READY']);
  expect(jobs.job('b')?.events.map(({ name }) => name)).toEqual(['BLOCK_JOB_PENDING']);
});
