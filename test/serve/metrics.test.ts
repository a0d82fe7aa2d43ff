import { expect, test } from 'vitest';
import { openMetrics } from '../../src/serve/metrics.ts';
import type { Seen } from '../../src/serve/watch.ts';
import { statusOf } from '../report/live/status-of.ts';
import { aCampaign, putFinding, served } from './a-lab.ts';

test('figures of hunts, of a campaign and of the store, each time as they are', async () => {
  const metrics = openMetrics();
  const seen = (sequences: number): Seen =>
    ({
      now: {
        text: JSON.stringify({
          sources: [
            { key: 'a"\n', is: 'running' },
            { key: 'campaign', is: 'running' },
          ],
        }),
      },
      of: {
        findings: { heads: [{ head: { impact: 'crash' }, finding: { status: 'new' } }] },
        hunts: [
          {
            key: 'a"\n',
            status: statusOf({
              programs: [{ ...(statusOf({}).programs[0] as never as object), sequences } as never],
            }),
          },
        ],
        campaign: { status: aCampaign() },
      },
    }) as unknown as Seen;
  await metrics.text(seen(5), 3);
  const text = await metrics.text(seen(7), 2);
  expect(text).toContain(
    'mirrorfuzz_sequences_total{source="a\\"\\n",version="7.2.22",flavour="system"} 7\n',
  );
  expect(text).toContain('mirrorfuzz_findings{impact="crash",status="new"} 1\n');
  expect(text).toContain('mirrorfuzz_workers{source="campaign",state="dead"} 1\n');
  expect(text).toContain('mirrorfuzz_queue_jobs{queue="hunt-0123456789abcdef",state="waiting"} 12\n');
  expect(text).toContain('mirrorfuzz_page_clients 2\n');
  expect(text).toContain('# TYPE mirrorfuzz_sequences_total counter\n');
});

test('/metrics has them in the text form of Prometheus', async () => {
  const { url, store } = await served();
  putFinding(store, '000000000001', 'x');
  const answer = await fetch(`${url}metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await answer.text()).trim().split('\n').filter(Boolean);
  for (const line of lines) expect(line).toMatch(/^(#|[a-z_]+(\{[^}]*\})? [\d.]+$)/);
});
