import { mirrorsOntoNode } from '../../model/job-start.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { Evidence } from '../reading/evidence.ts';
import { eventsNamed, jobsOf, who } from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const sizesDiffer: Rule = {
  name: 'state/size-mismatch-fails',
  kind: 'state',
  statement: 'A mirror to a target of another size than its source never gets ready: it fails.',
  source:
    'we expect it: block/mirror.c, mirror_run: "Source and target image have different sizes" (5.2: Invalid argument); every sync mode tried',
};

/** Mirrors between disks of the arena whose sizes the sequence itself tells. */
export const stateSizes: RuleFamily = {
  rules: [sizesDiffer],
  judge(evidence, ledger) {
    const { sequence } = evidence.opened;
    return jobsOf(evidence).lives.flatMap((life): Violation[] => {
      const { startedBy } = life;
      const started = startedBy === undefined ? undefined : evidence.trace[startedBy];
      if (started?.kind !== 'command' || !mirrorsOntoNode(started.name)) return [];
      const source = sizeOf(sequence, started.args.device);
      const target = sizeOf(sequence, started.args.target);
      const [ready] = eventsNamed(life, 'BLOCK_JOB_READY');
      if (source === undefined || target === undefined || source === target) return [];
      const isOver = life.statuses.some(({ status }) => status === 'concluded' || status === 'null');
      if (!evidence.hasFreshImages) ledger.undecided(sizesDiffer, "other QEMU's images");
      else if (changesSizes(evidence)) ledger.undecided(sizesDiffer, 'graph unknown');
      else if (ready)
        return [
          {
            rule: sizesDiffer,
            at: ready.at,
            facts: {
              shape: 'outcome',
              ...who(life),
              is: 'ready in spite of sizes',
              sourceBytes: source,
              targetBytes: target,
            },
          },
        ];
      else if (isOver) ledger.held(sizesDiffer);
      return [];
    });
  },
};

/** Virtual size of the disk whose format node has that name; QEMU counts in sectors of 512 bytes. */
function sizeOf({ arena }: Sequence, node: Json | undefined): number | undefined {
  const disk = arena.disks.find(({ name }) => name === node);
  return disk && Math.ceil(disk.sizeBytes / 512) * 512;
}

/** A resize, or another node under a disk's name, and the arena no longer tells the sizes. */
function changesSizes({ trace, opened }: Evidence): boolean {
  const names = new Set(opened.sequence.arena.disks.map(({ name }) => name));
  let inSteps = false;
  return trace.some((seen) => {
    if (seen.kind === 'phase') inSteps = seen.phase === 'steps';
    if (seen.kind === 'raw-sent') return true;
    if (seen.kind !== 'command' || !inSteps) return false;
    if (/resize|reopen|human-monitor|snapshot|commit|stream|transaction|replace|change/.test(seen.name))
      return true;
    const { 'node-name': node, replaces } = seen.args;
    return (
      replaces !== undefined || (seen.name === 'blockdev-add' && typeof node === 'string' && names.has(node))
    );
  });
}
