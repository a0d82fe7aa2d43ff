import type { RuleFamily } from './rule.ts';
import { leavesNothing } from './validation/leaves-nothing.ts';
import { mustAccept } from './validation/must-accept.ts';
import { nodeBusy } from './validation/node-busy.ts';
import { bySchema } from './validation/schema.ts';
import { startArguments } from './validation/start-arguments.ts';
import { unknownJob } from './validation/unknown-job.ts';
import { unknownNode } from './validation/unknown-node.ts';

const groups: readonly RuleFamily[] = [
  bySchema,
  unknownJob,
  unknownNode,
  startArguments,
  leavesNothing,
  mustAccept,
  nodeBusy,
];

/** What must be refused is refused, with the right class, and leaves nothing behind; what must be accepted is. */
export const validation: RuleFamily = {
  rules: groups.flatMap((group) => group.rules),
  judge: (evidence) => groups.flatMap((group) => group.judge(evidence)),
};
