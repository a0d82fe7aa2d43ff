import { isJobStart } from '../../model/job-start.ts';
import { asDriveMirror } from '../../qmp/dialect/commands/redhat-drive-mirror.ts';
import { asSetSpeed } from '../../qmp/dialect/commands/set-speed-by-value.ts';
import { isAbsent, nameToday } from '../../qmp/dialect/era.ts';
import { misfit } from '../../qmp/dialect/members.ts';
import { membersOf } from '../../qmp/dialect/vocabulary.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Dialect } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';

export type Words = { name: string; args: Record<string, Json> };

/**
 * A command of the dialect in today's words. One whose members are not those of that time gets a member that no QEMU
 * has; what came later than the dialect gets a name that no QEMU has. drive-reopen has no one word for it (reopen.ts).
 */
export function inCurrentWords(dialect: Dialect, words: Words): Words {
  const { name, args } = inCurrentQmp(dialect, words);
  const taken = membersOf(dialect, words.name);
  const wrong = taken && misfit(words.args, taken, dialect);
  // What was wrong then may be right today.
  return wrong ? { name, args: { ...args, [`(${wrong.desc})`]: true } } : { name, args };
}

function inCurrentQmp(dialect: Dialect, { name, args }: Words): Words {
  if (isAbsent(dialect, name)) return { name: `${name} (not in ${dialect})`, args };
  const mirror = dialect === 'rhel6' && name === 'transaction' ? onlyMirror(args) : undefined;
  const today = mirror ? 'drive-mirror' : nameToday(dialect, name);
  const members = today === name ? args : (renamedMembers[today]?.(mirror ?? args) ?? args);
  return { name: today, args: isJobStart(today) ? named(members) : members };
}

/** By today's name of a command that had another: what its members are today. */
const renamedMembers: Readonly<Record<string, (args: Words['args']) => Words['args']>> = {
  'drive-mirror': asDriveMirror,
  'block-job-set-speed': asSetSpeed,
};

/** Jobs have the names of their devices. */
const named = (args: Words['args']): Words['args'] =>
  typeof args.device === 'string' ? { 'job-id': args.device, ...args } : args;

function onlyMirror({ actions }: Words['args']): Words['args'] | undefined {
  const [action, ...others] = Array.isArray(actions) ? actions : [];
  if (!isJsonObject(action) || others.length > 0) return undefined;
  return action.type === '__com.redhat_drive-mirror' && isJsonObject(action.data) ? action.data : undefined;
}
