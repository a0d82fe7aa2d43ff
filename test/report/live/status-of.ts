import type { HuntStatus } from '../../../src/report/live/hunt-status.ts';

/** A hunt's status, a minute into it, but for what a test says. */
export const statusOf = (but: Partial<HuntStatus>): HuntStatus => ({
  ...{ schema: 1, tool: { name: 'mirrorfuzz', version: '0.1.0' }, host: 'lab', pid: 7 },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', writtenAt: '2026-01-01T00:01:00.000Z', state: 'hunting' },
  ...{ seed: '3', elapsedMs: 60_000, budget: { timeMs: 600_000 } },
  ...{ sequences: 300, commands: 4000, undecided: 12, features: 900, lastNewMs: 58_000 },
  ...{ findings: { fresh: 1, known: 0, toShrink: 0 }, restarts: 3, workersLost: [], lost: 0, warnings: [] },
  history: [
    { atMs: 0, sequences: 0, features: 0, findings: 0 },
    { atMs: 30_000, sequences: 100, features: 800, findings: 0 },
    { atMs: 60_000, sequences: 300, features: 900, findings: 1 },
  ],
  workers: [
    { doing: 'hunting integrity on 7.2.22', forMs: 800, sequences: 160 },
    { doing: 'shrinking 0123456789ab', forMs: 4000, sequences: 140 },
  ],
  programs: [
    {
      ...{ label: '7.2.22', version: '7.2.22', flavour: 'system', sequences: 300, undecided: 12 },
      ...{ features: 900, triples: { 'running job-pause ok': 7, 'none job-pause GenericError': 2 } },
    },
  ],
  ...but,
});
