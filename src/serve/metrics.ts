import { Counter, Gauge, Registry } from 'prom-client';
import type { Seen } from './watch.ts';

export type Metrics = { text(seen: Seen, clients: number): Promise<string>; contentType: string };

/**
 * What the page shows, in Prometheus' text form. Each figure is taken from what was seen last, so all are made anew each
 * time; those that only grow are counters, which begin again with a new hunt.
 */
export function openMetrics(): Metrics {
  const registry = new Registry();
  const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
    new Gauge({ name: `mirrorfuzz_${name}`, help, labelNames, registers: [registry] });
  const counter = (name: string, help: string, ...labelNames: string[]): Counter =>
    new Counter({ name: `mirrorfuzz_${name}_total`, help, labelNames, registers: [registry] });
  const findings = gauge('findings', 'Findings in the store.', 'impact', 'status');
  const running = gauge(
    'running',
    '1 while a hunt or a campaign runs, 0 when it has ended or is silent.',
    'source',
  );
  const sequences = counter('sequences', 'Sequences run.', 'source', 'version', 'flavour');
  const commands = counter('commands', 'QMP commands sent and judged.', 'source');
  const undecided = counter('undecided', 'Sequences without a verdict.', 'source');
  const features = gauge('features', 'What was seen of QEMU, each counted once.', 'source');
  const found = gauge('found', 'Findings met by a hunt or a campaign.', 'source');
  const workers = gauge('workers', 'Workers of a hunt or a campaign.', 'source', 'state');
  const lost = counter('workers_lost', 'Worker processes that died and were replaced.', 'source');
  const queue = gauge('queue_jobs', 'Jobs of a lab queue.', 'queue', 'state');
  const shards = gauge('shards', 'Shards of a campaign.', 'state');
  const answers = gauge('queue_answers', '1 while the Redis of --queue answers.', 'source');
  const watching = gauge('page_clients', 'Browsers that watch the live page.');

  return { text, contentType: registry.contentType };

  function text(seen: Seen, clients: number): Promise<string> {
    registry.resetMetrics();
    const { findings: stored, hunts, campaign } = seen.of;
    const live = new Map(
      (JSON.parse(seen.now.text) as { sources: { key: string; is: string }[] }).sources.map(({ key, is }) => [
        key,
        is,
      ]),
    );
    for (const { finding, head } of stored.heads)
      findings.inc({ impact: head.impact, status: finding.status });
    for (const { key: source, status } of hunts) {
      const isRunning = live.get(source) === 'running';
      running.set({ source }, isRunning ? 1 : 0);
      for (const { version, flavour, sequences: run } of status.programs)
        sequences.inc({ source, version, flavour }, run);
      commands.inc({ source }, status.commands);
      undecided.inc({ source }, status.undecided);
      features.set({ source }, status.features);
      found.set({ source }, status.findings.fresh + status.findings.known);
      workers.set({ source, state: 'alive' }, isRunning ? status.workers.length : 0);
      lost.inc({ source }, status.lost);
    }
    ofCampaign(campaign, live.get('campaign') === 'running');
    watching.set(clients);
    return registry.metrics();
  }

  function ofCampaign({ status, trouble }: Seen['of']['campaign'], isRunning: boolean): void {
    if (!status) return;
    const source = 'campaign';
    answers.set({ source }, trouble === undefined ? 1 : 0);
    running.set({ source }, isRunning ? 1 : 0);
    const alive = status.workers.filter(({ isAlive }) => isAlive).length;
    workers.set({ source, state: 'alive' }, alive);
    workers.set({ source, state: 'dead' }, status.workers.length - alive);
    for (const { name, waiting, active, delayed, failed } of status.queues)
      for (const [state, jobs] of Object.entries({ waiting, active, delayed, failed }))
        queue.set({ queue: name, state }, jobs);
    const { progress } = status;
    if (!progress) return;
    for (const { version, flavour, sequences: run } of progress.programs)
      sequences.inc({ source, version, flavour }, run);
    commands.inc({ source }, progress.commands);
    undecided.inc({ source }, progress.undecided);
    features.set({ source }, progress.features);
    found.set({ source }, progress.findings.length);
    for (const [state, many] of Object.entries(progress.shards)) shards.set({ state }, many);
  }
}
