/**
 * Rules that have become one with another. A finding that was stored under the old name is read under the new one, so
 * that what is met again is recognised; its directory's name, an id made of the old signature, leads there.
 */
const renamed: Readonly<Record<string, string>> = {
  'graph/start-without-node': 'validation/unknown-node',
  'validation/node-busy': 'graph/node-held',
  'validation/read-only-target': 'graph/unfit-target',
  'validation/must-accept-mirror': 'graph/must-accept-start',
};

export const currentRule = (name: string): string => renamed[name] ?? name;

/** Of a signature the rule stands first. */
export function currentSignature(signature: string): string {
  const [rule = '', ...rest] = signature.split(': ');
  return [currentRule(rule), ...rest].join(': ');
}
