import type { RuleFamily } from '../rule.ts';
import { exportInUse } from './export-in-use.ts';
import { leavesNothing } from './leaves-nothing.ts';
import { mustAccept } from './must-accept.ts';
import { nodeBusy } from './node-busy.ts';
import { bySchema } from './schema.ts';
import { startArguments } from './start-arguments.ts';
import { unknownJob } from './unknown-job.ts';
import { unknownNode } from './unknown-node.ts';

const groups: readonly RuleFamily[] = [
  bySchema,
  unknownJob,
  unknownNode,
  startArguments,
  leavesNothing,
  mustAccept,
  nodeBusy,
  exportInUse,
];

/** What must be refused is refused, with the right class, and leaves nothing behind; what must be accepted is. */
export const validation: RuleFamily = {
  rules: groups.flatMap((group) => group.rules),
  judge: (evidence, ledger) => groups.flatMap((group) => group.judge(evidence, ledger)),
};
