import { UsageError } from '../../errors.ts';
import { versions } from '../../qemu/versions.ts';

export type Suite = { name: string; series: string; hasSecurity: boolean };

/** The Debian releases whose QEMU can be fetched, oldest first; sid gets its security updates like any other. */
export const suites: readonly Suite[] = versions.flatMap(({ series, suite: name }) =>
  name === undefined ? [] : [{ name, series, hasSecurity: name !== 'sid' }],
);

/** `trixie` or `debian:trixie`. Throws UsageError where mirrorfuzz can't fetch it. */
export function parseSuite(name: string): Suite {
  const suite = findSuite(name);
  if (suite) return suite;
  const offered = suites.map((each) => `${each.name} (QEMU ${each.series})`).join(', ');
  throw new UsageError(`unknown suite '${name}'`, `one of ${offered}`);
}

export function findSuite(name: string): Suite | undefined {
  const bare = name.replace(/^debian:/, '');
  return suites.find((suite) => suite.name === bare);
}
