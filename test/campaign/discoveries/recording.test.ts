import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openRecording } from '../../../src/campaign/discoveries/recording.ts';
import { EnvironmentError } from '../../../src/errors.ts';
import { type Findings, openFindings } from '../../../src/findings/store.ts';
import { crashFound } from '../../findings/found.ts';
import { temporaryDir } from '../../target/temporary.ts';

test('what the store can’t take is whole in another directory, which is named', () => {
  const { recording, warnings } = open(full);
  const { id, path, isNew, unsaved } = recording.record(crashFound());
  onTestFinished(() => rmSync(dirname(path), { recursive: true, force: true }));
  expect(isNew).toBe(true);
  expect(unsaved).toMatchObject({ reason: 'no room', sequence: { title: expect.any(String) } });
  expect(basename(path)).toBe(id);
  const kept = openFindings(dirname(path)).read(id);
  expect(kept.sequence()).toEqual(crashFound().sequence);
  expect(warnings).toEqual(['no room', expect.stringContaining(`is kept in ${dirname(path)}`)]);
});

test('where no other directory can take it either, its sequence goes with what is recorded', () => {
  const { recording } = open(full);
  vi.stubEnv('TMPDIR', '/dev/null/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { path, unsaved } = recording.record(crashFound());
  expect(path).toBe('');
  expect(unsaved?.sequence).toEqual(crashFound().sequence);
});

test('a known finding that is met again is lost by no full disk; a shorter sequence of it would be', () => {
  const store = openFindings(temporaryDir());
  const { id } = store.record(crashFound({ steps: 9 }));
  const { recording } = open(full, store);
  const again = recording.record(crashFound({ steps: 9 }));
  expect(again).toMatchObject({ id, isNew: false, path: join(store.dir, id) });
  expect(again.unsaved).toBeUndefined();
  const shorter = recording.record(crashFound({ steps: 2, times: 0 }));
  onTestFinished(() => rmSync(dirname(shorter.path), { recursive: true, force: true }));
  expect(shorter.unsaved?.sequence.steps).toHaveLength(2);
});

test('a finding that was removed meanwhile is recorded again', () => {
  const store = openFindings(temporaryDir());
  const { recording, warnings } = open({}, store);
  const { id } = recording.record(crashFound());
  rmSync(join(store.dir, id), { recursive: true });
  recording.metAgain(crashFound(), id, 4);
  expect(store.list().findings).toMatchObject([{ id }]);
  expect(warnings).toEqual([]);
});

test('what was spoilt is said', () => {
  const { recording, warnings } = open({ record: () => ({ ...recorded, spoilt: 'a/finding.json: odd' }) });
  recording.record(crashFound());
  expect(warnings[0]).toBe('spoilt and set aside: a/finding.json: odd');
});

const recorded = { id: '0123456789ab', isNew: true, joined: [] };

const full: Partial<Findings> = {
  record() {
    throw new EnvironmentError('no room');
  },
};

function open(faults: Partial<Findings>, store = openFindings(temporaryDir())) {
  const warnings: string[] = [];
  return { recording: openRecording({ ...store, ...faults }, (message) => warnings.push(message)), warnings };
}
