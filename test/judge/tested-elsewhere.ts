/** Rule families whose rules have tests of their own: test/judge/protocol/ and test/judge/validation/. */
const families = ['protocol/', 'validation/'];

export const testedElsewhere = (rule: string): boolean => families.some((family) => rule.startsWith(family));
