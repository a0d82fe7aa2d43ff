import type { RuleFamily } from '../rule.ts';
import { conformance } from './conformance.ts';
import { greetings } from './greetings.ts';
import { malformed } from './malformed.ts';
import { messages } from './messages.ts';

const groups: readonly RuleFamily[] = [messages, greetings, malformed, conformance];

/** What QEMU says, as JSON on a wire: its form, its types, and who it answers. Not whether it is true. */
export const protocol: RuleFamily = {
  rules: groups.flatMap((group) => group.rules),
  judge: (evidence, ledger) => groups.flatMap((group) => group.judge(evidence, ledger)),
};
