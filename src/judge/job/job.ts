import type { RuleFamily } from '../rule.ts';
import { stateActivelySynced } from './actively-synced.ts';
import { stateAnnouncedActions } from './announced-actions.ts';
import { stateChangeBack } from './change-back.ts';
import { stateCompleted } from './completed.ts';
import { stateEndings } from './endings.ts';
import { stateErrorAnnounced } from './error-announced.ts';
import { stateErrors } from './errors.ts';
import { stateFailedStays } from './failed-stays.ts';
import { stateGroups } from './groups.ts';
import { stateIgnoredErrors } from './ignored-errors.ts';
import { stateLen } from './len.ts';
import { stateProgress } from './progress.ts';
import { stateQueries } from './queries.ts';
import { stateQueryMembers } from './query-members.ts';
import { stateReplies } from './replies.ts';
import { stateSizes } from './sizes.ts';
import { stateSpeed } from './speed.ts';
import { stateSpeedBetween } from './speed-between.ts';
import { stateStill } from './still.ts';
import { stateStopped } from './stopped.ts';
import { stateTransitions } from './transitions.ts';

const parts: readonly RuleFamily[] = [
  stateTransitions,
  stateEndings,
  stateReplies,
  stateChangeBack,
  stateQueries,
  stateQueryMembers,
  stateActivelySynced,
  stateProgress,
  stateLen,
  stateErrors,
  stateErrorAnnounced,
  stateAnnouncedActions,
  stateIgnoredErrors,
  stateStopped,
  stateFailedStays,
  stateGroups,
  stateSizes,
  stateStill,
  stateSpeed,
  stateSpeedBetween,
  stateCompleted,
];

/** Jobs: what they may be, what may be said of them, and how they end. */
export const state: RuleFamily = {
  rules: parts.flatMap(({ rules }) => rules),
  judge: (evidence, ledger) => parts.flatMap((part) => part.judge(evidence, ledger)),
};
