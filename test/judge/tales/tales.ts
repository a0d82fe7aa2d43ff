import type { Tale } from '../tale.ts';
import { announcedTales } from './announced.ts';
import { cbwTales } from './cbw-errors.ts';
import { claimTales } from './claims.ts';
import { effectTales } from './effects.ts';
import { endingTales } from './endings.ts';
import { errorsOverTales } from './errors-over.ts';
import { excuseTales } from './excuses.ts';
import { faultTales } from './faults.ts';
import { figureTales } from './figures.ts';
import { guestErrorTales } from './guest-errors.ts';
import { guestRequestTales } from './guest-requests.ts';
import { ignoredTales } from './ignored.ts';
import { limitTales } from './limits.ts';
import { processTales } from './process.ts';
import { replyTales } from './replies.ts';
import { sanitizerTales } from './sanitizers.ts';
import { stalledTales } from './stalled.ts';
import { stoppedTales } from './stopped.ts';
import { transitionTales } from './transitions.ts';

/** Every rule but those of protocol/ and validation/, broken and nearly broken. */
export const tales: readonly Tale[] = [
  ...processTales,
  ...effectTales,
  ...announcedTales,
  ...claimTales,
  ...transitionTales,
  ...endingTales,
  ...replyTales,
  ...figureTales,
  ...sanitizerTales,
  ...stalledTales,
  ...stoppedTales,
  ...ignoredTales,
  ...guestErrorTales,
  ...cbwTales,
  ...guestRequestTales,
  ...limitTales,
  ...faultTales,
  ...errorsOverTales,
  ...excuseTales,
];
