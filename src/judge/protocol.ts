import { conformance } from './protocol/conformance.ts';
import { greetings } from './protocol/greetings.ts';
import { malformed } from './protocol/malformed.ts';
import { messages } from './protocol/messages.ts';
import type { RuleFamily } from './rule.ts';

const groups: readonly RuleFamily[] = [messages, greetings, malformed, conformance];

/** What QEMU says, as JSON on a wire: its form, its types, and who it answers. Not whether it is true. */
export const protocol: RuleFamily = {
  rules: groups.flatMap((group) => group.rules),
  judge: (evidence) => groups.flatMap((group) => group.judge(evidence)),
};
