import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Connection } from '../../src/lab/connection.ts';
import type { CampaignStatus } from '../../src/lab/read-campaign.ts';
import type { HuntStatus } from '../../src/report/live/hunt-status.ts';
import { keepStatusFile } from '../../src/report/live/status-file.ts';
import { type LiveServer, serveLive } from '../../src/serve/serve.ts';
import { statusOf } from '../report/live/status-of.ts';
import { temporaryDir } from '../target/temporary.ts';

/** A live page of a store, for the time of a test. */
export async function served(
  about: Partial<Parameters<typeof serveLive>[0]> = {},
): Promise<LiveServer & { store: string }> {
  const store = about.store ?? temporaryDir();
  const server = await serveLive({
    ...{ store, tool: 'mirrorfuzz 0.1.0', host: '127.0.0.1', port: 0, allowedHosts: [], everyMs: 50 },
    ...about,
  });
  onTestFinished(() => server.close());
  return { ...server, store };
}

/** Writes into a store what a hunt writes there while it runs: its figures grow each time that they are written. */
export function standInHunt(store: string, but: Partial<HuntStatus> = {}): { end(): void } {
  const startedAt = new Date().toISOString();
  let sequences = 100;
  const hunt = keepStatusFile(
    store,
    (state) => {
      sequences += 10;
      const elapsedMs = Date.now() - Date.parse(startedAt);
      const point = { atMs: elapsedMs, sequences, features: sequences, findings: 0 };
      const before = { ...point, atMs: 0, sequences: 0 };
      const writtenAt = new Date().toISOString();
      const history = [before, point];
      return statusOf({ state, startedAt, writtenAt, sequences, elapsedMs, history, undecided: 2, ...but });
    },
    100,
  );
  onTestFinished(() => hunt.end());
  return hunt;
}

/** A finding as a hunt's store has it: one of ours, under another id and title. */
export function putFinding(store: string, id: string, title: string): void {
  const dir = join(store, id);
  mkdirSync(store, { recursive: true });
  cpSync(join(import.meta.dirname, '../../findings/cf1ac77f89df'), dir, { recursive: true });
  const file = join(dir, 'finding.json');
  const finding = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...finding, id, title, path: id }));
}

export const aConnection = (): Connection & { trouble(): string | undefined } => ({
  ...{ redis: undefined as never, prefix: 'x', shown: 'redis://lab:6379', close() {} },
  trouble: () => undefined,
});

/** Two workers of which one is silent, and a coordinator that hunts. */
export const aCampaign = (): CampaignStatus => {
  const tool = { name: 'mirrorfuzz', version: '0.1.0', protocol: 1 };
  const offer = {
    ...{ key: '0123456789abcdef', label: '7.2.22', version: '7.2.22', path: '/usr/bin/qemu' },
    ...{ flavour: 'system' as const, storage: ['file' as const], without: [] },
  };
  const worker = {
    ...{ id: '00000000000000aa', host: 'one', pid: 12, tool, confinement: 'bubblewrap', offers: [offer] },
    ...{ lanes: [{ doing: 'hunting integrity on 7.2.22', forMs: 1000 }], shards: 4, tasks: 1 },
    ...{ sequences: 400, startedAt: '2026-01-01T00:00:00.000Z', isAlive: true, silentMs: 1000 },
  };
  return {
    campaign: {
      ...{
        id: '00000000000000cc',
        kind: 'hunt',
        tool,
        seed: '7',
        properties: [],
        shrink: true,
        mask: true,
        feedback: true,
      },
      ...{
        budget: { timeMs: 3_600_000 },
        epoch: 0,
        startedAt: '2026-01-01T00:00:00.000Z',
        host: 'coordinator',
      },
    },
    progress: {
      ...{ campaign: '00000000000000cc', state: 'hunting', elapsedMs: 60_000 },
      ...{ shards: { done: 4, out: 2, again: 1 }, tasks: { done: 1, out: 0 } },
      ...{ sequences: 400, commands: 9000, undecided: 3, features: 800, interesting: 50 },
      history: [
        { atMs: 0, sequences: 0, features: 0, findings: 0 },
        { atMs: 60_000, sequences: 400, features: 800, findings: 1 },
      ],
      programs: [{ ...offer, sequences: 400, triples: { 'ready job-pause ok': 5 } }],
      findings: [
        {
          ...{ id: 'aaaaaaaaaaaa', title: 'only there', kind: 'crash', impact: 'crash', reach: 'guest' },
          ...{ known: false, qemu: ['7.2.22'], firstSeenMs: 4000, count: 2, steps: 3 },
          ...{ reproduced: { ok: 3, of: 3 }, shrunk: 'done' },
        },
      ],
    },
    isCoordinated: true,
    workers: [worker, { ...worker, id: '00000000000000bb', host: 'two', isAlive: false, silentMs: 20_000 }],
    queues: [
      { name: 'hunt-0123456789abcdef', waiting: 12, active: 1, delayed: 0, failed: 0 },
      { name: 'task-0123456789abcdef', waiting: 0, active: 0, delayed: 0, failed: 0 },
    ],
    complaints: [],
  };
};
