import type { Finding } from './finding.ts';

type Told = NonNullable<Finding['alsoBreaks']>[number];

/** How a report begins to speak of another rule: whether its reader will see that one broken, too. */
export const alsoBreaksWords = ({ otherSteps }: Told): string =>
  otherSteps ? 'By other steps the same defect breaks' : 'The same steps also break';
