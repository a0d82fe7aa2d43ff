import type { During, HeldBy, LackingFact } from '../../judge/facts/lacking.ts';
import { drains } from '../../judge/hang/held-by.ts';
import { type VerbName, withPart } from '../../qemu/cards.ts';
import { jobWords } from './jobs.ts';

const types = ['mirror', 'backup', 'commit', 'stream', 'job'];
const verbs = [...new Set(withPart('verb').map(([, { name }]) => name as VerbName))];

/** Every way in which a job may stand still after its resume. */
export const standingStill: readonly string[] = [
  ...drains.map((refused) => standsStill({ heldBy: { refused } })),
  ...types.flatMap((type) => [
    ...(['paused', 'standby'] as const).flatMap((status) =>
      (['user', 'error'] as const).map((pausedBy) => standsStill({ type, status, pausedBy })),
    ),
    ...verbs.map((verb) => standsStill({ type, heldBy: { verb } })),
  ]),
].map((way) => `hang/resume: ${way}`);

/** What did not come, and of which job in which status. */
export function lackingSignature(facts: LackingFact): string {
  switch (facts.what) {
    case 'reply':
      return command(facts.command, facts.during);
    case 'settling':
    case 'quit':
      return `${facts.what === 'quit' ? 'quit' : 'settle'}${beside(jobWords(facts.jobs ?? []))}`;
    case 'resume':
      return standsStill(facts);
    case 'effect':
      return `${facts.type ?? 'job'} ${facts.status}, told to ${facts.verb}, does not`;
    case 'announced':
      return `${facts.type ?? 'job'} ${facts.status}, at an error with action ${facts.action}, does not`;
    case 'progress':
      return `${facts.type ?? 'job'} running`;
    case 'guest request':
      return `the guest's requests${facts.since ? ` after ${facts.since.command}, ${facts.since.refused ? 'refused' : 'accepted'}` : ''}`;
    case 'end of saving':
      return "the guest's writes, beyond cbw-timeout";
    case 'lock':
      return 'an image that is open for writing';
    default:
      return facts satisfies never;
  }
}

/** What it begins itself may hang whatever else goes on; other commands wait for the jobs beside them. */
function command(spelled: string, during: During | undefined): string {
  const name = spelled.replace(/^block-job-/, 'job-'); // both spellings of a verb do the same
  if (!during) return name;
  const { begins, job, ending, busy } = during;
  // Then the command only came next: the main loop stands still in the middle of the job's end.
  if (ending.length > 0) return `the main loop with ${jobWords(ending)}`;
  if (name === 'blockdev-add' && begins) return `${name} of ${begins.join(', ')}`;
  if (job) return `${name} of ${jobWords([job])}`;
  return `${name}${beside((begins ?? busy).join(', '))}`;
}

const beside = (jobs: string): string => (jobs === '' ? '' : ` with ${jobs}`);

type Still = Partial<Pick<Extract<LackingFact, { what: 'resume' }>, 'type' | 'status' | 'pausedBy'>> & {
  heldBy?: HeldBy;
};

/** A drained section holds whatever job it meets, in whatever status; so does a verb, of one type. */
function standsStill({ type = 'job', status, pausedBy, heldBy }: Still): string {
  if (heldBy && 'refused' in heldBy) return `a job stands still after a refused ${heldBy.refused}`;
  if (heldBy) return `${type} stands still after ${heldBy.verb} while it was paused`;
  return `${type} ${status}, paused by ${pausedBy === 'user' ? 'its user' : 'an error'}, stands still`;
}
