import { UsageError } from '../errors.ts';

/** The Debian releases whose QEMU can be fetched, oldest first; `series` is what each ships. */
export const suites = [
  { name: 'bullseye', series: '5.2', hasSecurity: true },
  { name: 'bookworm', series: '7.2', hasSecurity: true },
  { name: 'trixie', series: '10.0', hasSecurity: true },
  { name: 'sid', series: '11', hasSecurity: false },
] as const;

export type Suite = (typeof suites)[number];

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
