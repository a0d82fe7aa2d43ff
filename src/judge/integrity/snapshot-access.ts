import { workOut } from '../../model/content/content.ts';
import { clip } from '../../model/content/expectation.ts';
import { follow } from '../../model/content/follow.ts';
import type { Image, ImageGraph } from '../../model/content/image-graph.ts';
import { isPassed, partOf } from '../../model/content/image-lookups.ts';
import { asPlace, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { causeOf } from './content-cause.ts';
import { happeningsOf } from './happenings.ts';
import { type ImageStory, openedImages } from './image-story.ts';
import { type IntegrityRule, rangesOf } from './integrity-rule.ts';
import { mismatches, recordRight } from './mismatch.ts';

export const snapshotAccess: IntegrityRule = {
  rule: {
    name: 'integrity/snapshot-access',
    kind: 'integrity',
    statement:
      'A read of a snapshot-access node that ends well finds what the disk held when the copy-before-write filter below it was put in, whatever guests have written since by way of that filter.',
    source:
      'qapi/block-core.json (QEMU 10.0), BlockdevOptionsCbw: "when data is written to the filter, the filter first reads corresponding blocks from its file child and copies them to @target child."',
  },
  judge(evidence, story, ledger) {
    return evidence.trace.flatMap((seen, at) => {
      if (seen.kind !== 'past') return [];
      const { rule } = snapshotAccess;
      const known = seen.text === undefined ? shownBy(evidence, story, seen.node, at) : 'image not read';
      if (typeof known === 'string' || 'why' in known) {
        ledger.undecided(rule, known);
        return [];
      }
      const last = seen.runs.at(-1);
      const expected = workOut(known.settled.content, story.sources);
      if (!expected || !last) {
        ledger.undecided(rule, 'content unknown');
        return [];
      }
      const due = clip(expected, 0, last[0] + last[1]);
      const compared = mismatches(seen.runs, due, evidence.opened.sequence.seed);
      const { wrong } = compared;
      if (wrong.length === 0) {
        recordRight(ledger, rule, compared);
        return [];
      }
      const of = { image: seen.node, when: 'as what the disk held when the filter was put in' };
      const cause = causeOf(
        evidence,
        story,
        { file: known.viewOf ?? known.file, disk: undefined, at, untouched: true },
        wrong,
      );
      const facts: Fact = { shape: 'content', of, ...rangesOf(wrong, evidence, story), cause };
      return [{ rule, at, facts }];
    });
  },
};

/** What the node shows at that place of the trace, as an image of its own; or why that is not known. */
export function shownBy(
  evidence: Evidence,
  story: ImageStory,
  node: string,
  at: Place,
): Image | WhyUndecided | Cause {
  const graph = graphAt(evidence, story, at);
  if (graph.lostAt < at) return { why: 'images unknown', from: asPlace(graph.lostAt) };
  const part = partOf(graph, node);
  const image = part?.whole ? graph.images.get(part.file) : undefined;
  if (image?.viewOf === undefined) return 'content unknown';
  return isPassed(graph, image.viewOf, image.viewBy) ? image : 'others write';
}

function graphAt(evidence: Evidence, { guest, qemu }: ImageStory, at: Place): ImageGraph {
  const { graph } = openedImages(evidence);
  follow(
    graph,
    happeningsOf(evidence, guest, qemu).filter((each) => each.at < at),
  );
  return graph;
}
