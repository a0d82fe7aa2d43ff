import type { ClaimFact } from './claim.ts';
import type { ContentFact } from './content.ts';
import type { DiedFact } from './died.ts';
import type { FigureFact } from './figure.ts';
import type { GuestFact } from './guest.ts';
import type { ImageFact } from './image.ts';
import type { LackingFact } from './lacking.ts';
import type { LeftFact } from './left.ts';
import type { MessageFact } from './message.ts';
import type { OrderFact } from './order.ts';
import type { OutcomeFact } from './outcome.ts';
import type { ReplyFact } from './reply.ts';
import type { ReportedFact } from './reported.ts';
import type { ShownFact } from './shown.ts';

/** How a trace breaks a rule: what was due and what was seen, as data. Words are made of it last, and nothing reads them back. */
export type Fact =
  | ClaimFact
  | ContentFact
  | DiedFact
  | FigureFact
  | GuestFact
  | ImageFact
  | LackingFact
  | LeftFact
  | MessageFact
  | OrderFact
  | OutcomeFact
  | ReplyFact
  | ReportedFact
  | ShownFact;
