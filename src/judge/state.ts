import type { RuleFamily } from './rule.ts';
import { stateCompleted } from './state-completed.ts';
import { stateEndings } from './state-endings.ts';
import { stateErrorAnnounced } from './state-error-announced.ts';
import { stateErrors } from './state-errors.ts';
import { stateFailedStays } from './state-failed-stays.ts';
import { stateGroups } from './state-groups.ts';
import { stateProgress } from './state-progress.ts';
import { stateQueries } from './state-queries.ts';
import { stateQueryMembers } from './state-query-members.ts';
import { stateReplies } from './state-replies.ts';
import { stateSizes } from './state-sizes.ts';
import { stateSpeed } from './state-speed.ts';
import { stateStill } from './state-still.ts';
import { stateStopped } from './state-stopped.ts';
import { stateTransitions } from './state-transitions.ts';

const parts: readonly RuleFamily[] = [
  stateTransitions,
  stateEndings,
  stateReplies,
  stateQueries,
  stateQueryMembers,
  stateProgress,
  stateErrors,
  stateErrorAnnounced,
  stateStopped,
  stateFailedStays,
  stateGroups,
  stateSizes,
  stateStill,
  stateSpeed,
  stateCompleted,
];

/** Jobs: what they may be, what may be said of them, and how they end. */
export const state: RuleFamily = {
  rules: parts.flatMap(({ rules }) => rules),
  judge: (evidence) => parts.flatMap((part) => part.judge(evidence)),
};
