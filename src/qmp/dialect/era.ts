import { cardOf, withPart } from '../../qemu/cards.ts';
import type { Dialect } from '../../sequence/sequence.ts';

/** A command of today's QEMU about jobs that the QEMU of that time had not. */
export const isAbsent = (dialect: Dialect, name: string): boolean =>
  cardOf(name)?.notIn?.includes(dialect) === true;

/** `query-jobs` and JOB_STATUS_CHANGE came with QEMU 2.12. */
export const isHiddenEvent = (name: string): boolean => name === 'JOB_STATUS_CHANGE';

/** What a command of the dialect is called today. */
export const nameToday = (dialect: Dialect, name: string): string =>
  withPart('oldNames').find(([, names]) => names[dialect] === name)?.[0] ?? name;

const oldNames = (dialect: Dialect): string[] =>
  withPart('oldNames').flatMap(([, names]) => names[dialect] ?? []);

/** The commands of the dialect that no QEMU of today has; drive-reopen has no one word for it. */
export const namesOfOld: Record<Dialect, readonly string[]> = {
  rhel6: [...oldNames('rhel6'), '__com.redhat_drive-reopen'].sort(),
  rhel7: oldNames('rhel7'),
};
