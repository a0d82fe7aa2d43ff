/** Rule families whose rules have tests of their own: test/judge/protocol/, validation/, graph/ and integrity/. */
const families = ['protocol/', 'validation/', 'graph/', 'integrity/'];

export const testedElsewhere = (rule: string): boolean => families.some((family) => rule.startsWith(family));
