import { spellingsOfVerbs, uselessVerbs, verbArguments } from '../../job-verbs.ts';
import { jobReference } from '../../situation.ts';
import type { Mutation } from '../draft.ts';

/** The right verb on a job that is believed to be in a state which has no use for it. */
export const wrongState: Mutation = {
  weight: 8,
  apply(draw, _draft, { situation }) {
    const job = draw.anyOf(situation.jobs);
    const useless = job && draw.anyOf(uselessVerbs(situation, job.status));
    const found = draw.anyOf(spellingsOfVerbs.filter(({ verb }) => verb.name === useless));
    return (
      job && found && { command: found.command, args: verbArguments(found, jobReference(situation, job)) }
    );
  },
};
