import type { QmpSchema } from '../../qmp/schema.ts';
import { hasArgument, hasCommand } from '../../qmp/schema-query.ts';
import { optionalIn } from '../../sequence/optional.ts';
import type { Requirement, Sequence } from '../../sequence/sequence.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import { lackOf } from '../../target/storage/usable.ts';
import type { Flavour } from '../../trace/observation.ts';

type On = { version: string; flavour: Flavour; schema(): Promise<QmpSchema> };

/** The same of a whole sequence: its servers, and what else is optional, have to be there, too. */
export async function missingFor(
  sequence: Sequence,
  { target, ...on }: Omit<On, 'version'> & { target: QemuTarget },
): Promise<string | undefined> {
  for (const thing of optionalIn(sequence)) {
    if (thing === 'pc machine' && on.flavour === 'daemon') continue; // it has no machine at all
    const lack = await lackOf(target, thing);
    if (lack) return `no ${thing}: ${lack.lacks}`;
  }
  return missing(sequence.requires, { ...on, version: target.version });
}

/** What a sequence needs and this QEMU has not, as the reason of a skip; undefined where nothing is missing. */
export async function missing(requires: Requirement | undefined, on: On): Promise<string | undefined> {
  if (!requires) return undefined;
  const name = `${shortVersion(on.version)}${on.flavour === 'daemon' ? "'s storage daemon" : ''}`;
  if (requires.flavour !== undefined && requires.flavour !== on.flavour) {
    return on.flavour === 'daemon'
      ? 'the storage daemon has no drives and no HMP'
      : 'for the storage daemon only';
  }
  if (!requires.commands) return undefined;
  const schema = await on.schema();
  for (const [command, args] of Object.entries(requires.commands)) {
    if (!hasCommand(schema, command)) return `${name} has no ${command}`;
    const lacking = args.find((arg) => !hasArgument(schema, command, arg));
    if (lacking !== undefined) return `${name} has no ${command} ${lacking}`;
  }
  return undefined;
}

/** "10.0.13" as people say it: 10.0. */
export const shortVersion = (version: string): string => version.split('.').slice(0, 2).join('.');
