import { chainOf } from '../../model/content/image-lookups.ts';
import { promiseOn } from '../../model/content/settled.ts';
import type { AfterClaim } from '../../sequence/sequence.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Evidence } from '../reading/evidence.ts';
import { withoutDirectories } from '../reading/without-directories.ts';
import { type ImageStory, imageFileOf } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { filesMaybeUnwritten } from './write-faults.ts';

/** After a kill, and where nobody knows what the image must hold, such an image is undecided (undecided.ts). */
export const readable: IntegrityRule = {
  rule: {
    name: 'integrity/readable',
    kind: 'integrity',
    statement: 'An image that QEMU has closed in order is there, can be read, and can be checked.',
    source:
      'we expect it: an image that must hold what the other rules claim has to open; docs/tools/qemu-img.rst, check: exit code 1 is "check could not be completed"',
  },
  judge(evidence, story, ledger) {
    const claims = evidence.opened.sequence.after ?? [];
    return evidence.trace.flatMap((seen, at) => {
      const wrong = wrongWith(seen, claims);
      if (!wrong) {
        if (seen.kind === 'content' && story.qemu.clean) ledger.held(readable.rule);
        return [];
      }
      if (!story.qemu.clean) {
        ledger.undecided(readable.rule, 'not written out');
        return [];
      }
      if (!mustBeReadable(evidence, story, wrong)) {
        ledger.undecided(readable.rule, wrong.isAbsent ? 'content unknown' : 'write errors');
        return [];
      }
      const { isAbsent: _, ...how } = wrong;
      return [{ rule: readable.rule, at, facts: { shape: 'image', ...how } }];
    });
  },
};

type Wrong = { image: string; isAbsent: boolean } & (
  | { is: 'gone' }
  | { is: 'not to be checked' | 'not to be read'; said: string }
);

function wrongWith(seen: Observation, claims: readonly AfterClaim[]): Wrong | undefined {
  if (seen.kind === 'content' && seen.check?.outcome === 'unreadable')
    return {
      image: seen.image,
      isAbsent: false,
      is: 'not to be checked',
      said: withoutDirectories(seen.check.text),
    };
  const claim = seen.kind === 'image' ? claims[seen.claim] : undefined;
  if (seen.kind !== 'image' || !claim || !('content' in claim)) return undefined;
  const image = typeof claim.content === 'string' ? claim.content : claim.content.file;
  if (seen.outcome === 'absent') return { image, isAbsent: true, is: 'gone' };
  return seen.outcome === 'unreadable'
    ? { image, isAbsent: false, is: 'not to be read', said: withoutDirectories(seen.text) }
    : undefined;
}

/** Nothing but QEMU, as the model follows it, has written the image or one below it, and no write failed. */
function mustBeReadable(evidence: Evidence, story: ImageStory, { image, isAbsent }: Wrong): boolean {
  const { graph, qemu, sources } = story;
  const file = imageFileOf(sources.fresh, image);
  const { disks } = evidence.opened.sequence.arena;
  // An image that a step was to make may never have been made.
  if (isAbsent) return disks.some(({ name, format }) => `${name}.${format}` === file);
  const promise = promiseOn(graph, file, qemu.at);
  if (!promise || promise.content.is === 'anything') return false;
  const faulty = filesMaybeUnwritten(evidence);
  return !chainOf(graph, file, 'header').some((each) => faulty.has(each));
}
