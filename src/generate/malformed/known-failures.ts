import { failsBy } from '../../qemu/versions.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { nameMeant } from '../resolve-references.ts';
import type { Situation } from '../situation.ts';
import type { Draft } from './draft.ts';
import { fellsQemu } from './known-values.ts';

/**
 * Whether the command, as things stand, leads to a crash or a hang that is known. Where it depends on what is there, the
 * situation's guess decides, so that now and then one is sent, or held back, in error.
 */
export function isKnownToFail({ command, args }: Draft, situation: Situation): boolean {
  return fellsQemu(args) || actionsOf(command, args).some(([name, data]) => failing[name]?.(data, situation));
}

/** A transaction's actions are commands, each with its data. */
function actionsOf(command: string, args: JsonObject): [string, JsonObject][] {
  if (command !== 'transaction') return [[command, args]];
  const actions = Array.isArray(args.actions) ? args.actions : [];
  return actions.flatMap((action): [string, JsonObject][] =>
    isJsonObject(action) && typeof action.type === 'string' && isJsonObject(action.data)
      ? [[`transaction ${action.type}`, action.data]]
      : [],
  );
}

type Failing = (args: JsonObject, situation: Situation) => boolean;

/** The reopened node's file is another's: SIGSEGV, 7.2 to 11.1. A raw node shrinks under its job: SIGABRT, likewise. */
const isRisky = (options: Json, { nodes }: Situation): boolean => {
  if (!isJsonObject(options)) return false;
  const known = nodes.find(({ name }) => name === options['node-name']);
  const resized = options.driver === 'raw' && ('offset' in options || 'size' in options);
  const swapped = !known?.children.includes(nameMeant(options.file) ?? '');
  return resized || swapped;
};

/** An overlay over itself, over what it stands on, or below: 5.2 aborts; later ones take it, and a stream leaks. */
const makesRing: Failing = ({ node, overlay }, situation) => {
  const [below, above] = [nameMeant(node), nameMeant(overlay)];
  return reaches(above, below, situation) || reaches(below, above, situation);
};

const failing: Readonly<Record<string, Failing>> = {
  // The filter of a concluded backup (5.2) or stream (7.2) is gone and still listed: SIGSEGV.
  'query-named-block-nodes': (_args, { jobs, binary: { version } }) =>
    jobs.some(
      ({ type, status, autoDismiss }) =>
        !autoDismiss &&
        status === 'concluded' &&
        ((type === 'backup' && failsBy(version, 'query of a concluded backup')) ||
          (type === 'stream' && failsBy(version, 'query of a concluded stream'))),
    ),
  // Enabling a bitmap that is not there fails, and undoing it disables the null pointer: SIGSEGV, 5.2 to 11.1.
  'transaction block-dirty-bitmap-enable': ({ node, name }, { bitmaps }) =>
    !bitmaps.some((bitmap) => bitmap.node === nameMeant(node) && bitmap.name === name),
  'blockdev-snapshot': makesRing,
  'transaction blockdev-snapshot': makesRing,
  // bdrv_reopen_multiple() asserts that there is something to reopen: SIGABRT, 7.2 to 11.1.
  'blockdev-reopen': ({ options }, situation) =>
    Array.isArray(options) && (options.length === 0 || options.some((each) => isRisky(each, situation))),
  // The job goes on writing to what is inactive now: SIGABRT, 10.0 and 11.1.
  'blockdev-set-active': ({ active }, { jobs }) => active === false && jobs.length > 0,
  // A job's node goes to another AioContext: SIGABRT, 5.2; never answered where a rate limit holds the job, 10.0.
  'block-export-add': ({ iothread }, { binary: { version }, jobs, exports, nodes }) =>
    iothread !== undefined &&
    ((failsBy(version, 'export into an iothread beside a job') && jobs.length > 0) ||
      (failsBy(version, 'export into an iothread beside anything') &&
        jobs.length + exports.length + nodes.filter(({ frontend }) => frontend === 'export').length > 0)),
  // Looks for `bottom` below `file` until it finds it: hang, 7.2 to 11.1.
  'blockdev-add': ({ driver, file, bottom }, situation) =>
    driver === 'copy-on-read' &&
    bottom !== undefined &&
    !reaches(nameMeant(file), nameMeant(bottom), situation),
};

/** Whether a node is another, or stands on it. */
function reaches(from: string | undefined, to: string | undefined, { nodes }: Situation): boolean {
  if (from === undefined || to === undefined) return false;
  const reached = new Set([from]);
  for (const name of reached) {
    for (const child of nodes.find((each) => each.name === name)?.children ?? []) reached.add(child);
  }
  return reached.has(to);
}
