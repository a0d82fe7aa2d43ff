import type { Discoveries } from '../campaign/discoveries/discoveries.ts';
import type { Interesting } from '../campaign/feedback/interesting.ts';
import { jobCommands } from '../model/job-commands.ts';
import type { CampaignState } from './campaign-state.ts';
import type { Connection } from './connection.ts';
import type { Fleet } from './fleet.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import type { Progress } from './messages.ts';
import type { Outstanding } from './outstanding.ts';

/** A campaign's figures as a page shows them, and how fast it goes. */
export function openProgress(of: {
  state: CampaignState;
  discoveries: Discoveries;
  interesting: Interesting;
  fleet: Fleet;
  outstanding: Outstanding;
  /** Answers that came twice, and tasks that are done. */
  counts(): { again: number; tasks: number };
  elapsedMs(): number;
}) {
  let history: Progress['history'] = [];
  let everyNth = 1;
  let writes = 0;
  let done = 0;
  let perSecond = 0;
  let countedMs = 0;

  return {
    /** Of all programs together: an upper bound for each. */
    shardsPerSecond: () => perSecond,
    async write({ redis, prefix }: Connection, state: Progress['state']): Promise<void> {
      count();
      const figures = JSON.stringify(figuresNow(state));
      await redis.set(keys(prefix).progress, figures);
    },
  };

  function count(): void {
    const now = of.elapsedMs();
    const shards = of.state.shardsDone();
    if (now - countedMs > 500) {
      perSecond = ((shards - done) * 1000) / (now - countedMs);
      [done, countedMs] = [shards, now];
    }
    if (writes++ % everyNth !== 0) return;
    const { sequences } = of.state.total;
    const findings = of.discoveries.all().length;
    history.push({ atMs: Math.round(now), sequences, features: of.interesting.featureCount(), findings });
    if (history.length < limits.historyPointsMax) return;
    history = history.filter((_, i) => i % 2 === 0);
    everyNth *= 2;
  }

  function figuresNow(state: Progress['state']): Progress {
    const { total } = of.state;
    const campaign = of.state.campaign;
    const all = of.outstanding.all();
    const hunts = of.outstanding.count('hunt');
    return {
      campaign,
      state,
      elapsedMs: Math.round(of.elapsedMs()),
      shards: { done: of.state.shardsDone(), out: hunts, again: of.counts().again },
      tasks: { done: of.counts().tasks, out: all.length - hunts },
      sequences: total.sequences,
      commands: total.commands,
      undecided: Object.values(total.undecided).reduce((sum, times) => sum + times, 0),
      features: of.interesting.featureCount(),
      interesting: of.interesting.size(),
      history,
      programs: of.fleet.keys().flatMap((key) => {
        const program = of.fleet.plan(key);
        const sum = of.state.perProgram.get(key)?.sum;
        if (!program) return [];
        const { label, version } = program.target;
        const triples = Object.entries(sum?.coverage.triples ?? {}).filter(([triple]) => isOfJobs(triple));
        const { flavour } = program;
        return [
          {
            key,
            label,
            version,
            flavour,
            sequences: sum?.sequences ?? 0,
            triples: Object.fromEntries(triples),
          },
        ];
      }),
      findings: of.discoveries
        .all()
        .slice(0, findingsShownMax)
        .map(
          ({
            id,
            title,
            rule,
            impact,
            reach,
            known,
            qemu,
            firstSeenMs,
            count,
            steps,
            reproduced,
            shrunk,
          }) => ({
            id,
            title,
            kind: rule.kind,
            impact,
            reach,
            known,
            qemu,
            firstSeenMs,
            count,
            steps,
            reproduced,
            shrunk,
          }),
        ),
    };
  }
}

/** What the state-machine coverage shows: verbs of jobs. The rest would be most of the message. */
const isOfJobs = (triple: string): boolean => Object.hasOwn(jobCommands, triple.split(' ')[1] ?? '');
const findingsShownMax = 1_000;
