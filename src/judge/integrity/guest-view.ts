import { fileOf } from '../../model/content/images.ts';
import { childRoles } from '../../model/graph/add-node.ts';
import { filterDrivers } from '../../model/graph/graph.ts';
import { cardOf, jobOf } from '../../qemu/cards.ts';
import { type Disk, storageKind } from '../../sequence/arena.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import { firstPlace, nowhere, opening, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import { serverTroubleFrom } from '../reading/server-trouble.ts';
import { isResync } from '../wire/raw-sent.ts';

/**
 * From where on the guest may see something else on each of its disks than it wrote there, whatever drivers lie below.
 * Which image holds what is not followed here, only who may write below the guest, and where its device is moved: so the
 * disk is judged by reads of the guest where the images' model knows nothing of the drivers.
 */
export function guestViews(evidence: Evidence): ReadonlyMap<string, Place> {
  const { trace, opened, former, exchanges } = evidence;
  // What another QEMU left is the images' model's to know.
  if (former) return new Map();
  const views = openViews(opened.sequence);
  const stepsAt = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'steps');
  for (const exchange of exchanges) {
    if (exchange.sent < stepsAt || replyOf(evidence, exchange)?.error || isGuests(opened.sequence, exchange))
      continue;
    for (const { name, args } of actionsOf(exchange)) note(views, name, args, exchange.sent);
  }
  const from = firstPlace(serverTroubleFrom(evidence), unfollowedFrom(evidence));
  return new Map(views.disks.map(({ name, lostAt }) => [name, firstPlace(lostAt, from)]));
}

/** Raw bytes may carry any command, a file system that is filled may cut an image short, and a job may be anybody's. */
function unfollowedFrom(evidence: Evidence): Place {
  const odd = evidence.trace.findIndex(
    (seen) =>
      (seen.kind === 'raw-sent' && !isResync(seen)) || (seen.kind === 'fault' && seen.fault.fault === 'fill'),
  );
  const strange = jobsOf(evidence).lives.find(({ startedBy }) => startedBy === undefined)?.entries[0]?.at;
  return firstPlace(odd === -1 ? nowhere : odd, strange ?? nowhere);
}

/**
 * `below`: the nodes and files that a node stands on, itself among them, as far as options say, and what in it does not
 * keep what is written to it. `passing`: filters over a disk, or over such a filter. `fresh`: files that steps make, and nothing has written to.
 */
type Views = { disks: View[]; below: Map<string, Set<string>>; passing: Set<string>; fresh: Set<string> };

/** They read what was written, where nothing fails. */
const keeping: ReadonlySet<string> = new Set([
  ...filterDrivers,
  'file',
  'raw',
  'qcow2',
  'qcow',
  'qed',
  'luks',
  'vmdk',
  'vdi',
  'vpc',
  'vhdx',
  'parallels',
  'quorum',
]);
const forgetful = 'forgets what is written';

/** `on`: all that the guest's device may stand on by now. */
type View = { name: string; on: Set<string>; lostAt: Place };

function openViews(sequence: Sequence): Views {
  const { arena } = sequence;
  const below = new Map<string, Set<string>>();
  for (const disk of arena.disks) {
    const own = ['', '-file', '-throttle', '-blkdebug', '-room', '-prealloc'].map(
      (layer) => `${disk.name}${layer}`,
    );
    const under = disk.backing === undefined ? [] : (below.get(disk.backing) ?? []);
    below.set(disk.name, new Set([...own, `drive-${disk.name}`, `${disk.name}.${disk.format}`, ...under]));
    if (!isPlain(disk)) below.get(disk.name)?.add(forgetful);
  }
  const opened = {
    disks: [],
    below,
    passing: new Set(arena.disks.map(({ name }) => name)),
    fresh: new Set<string>(),
  };
  for (const node of arena.nodes ?? []) added(opened, node as JsonObject);
  const used = arena.disks.filter(({ frontend, open }) => open !== false && (frontend ?? 'none') !== 'none');
  const disks = used.map((disk): View => {
    const on = below.get(disk.through ?? disk.name) ?? new Set();
    // A guest that writes to a backing file changes what lies above it.
    const isShared = used.some((other) => other !== disk && on.has(other.name));
    return { name: disk.name, on, lostAt: isShared || !isPlain(disk) ? opening : nowhere };
  });
  const made = disksMadeBySteps(sequence).filter(({ name }) => !below.has(name));
  const fresh = new Set(made.map((disk) => fileOf(disk)));
  return { disks, below, passing: opened.passing, fresh };
}

/** Who serves an image may lose it, or change it. */
const isPlain = (disk: Disk): boolean => storageKind(disk) === 'file' && disk.servedBy === undefined;

/** A command that was accepted, or not answered. */
function note(views: Views, name: string, args: JsonObject, at: Place): void {
  const job = jobOf(name);
  if (name === 'blockdev-add') added(views, args);
  else if (job?.type === 'mirror') mirrored(views, args, at);
  else if (job?.type === 'backup') lose(views, at, standing(views, args.target));
  else if (job?.type === 'stream') return;
  else if (name === 'block-export-add') exported(views, args, at);
  else if (name === 'blockdev-snapshot') overlaid(views, args, at);
  else if (name === 'qom-set') moved(views, args, at);
  else if (name === 'blockdev-create') lose(views, at, named(views, args.options));
  else if (!isSafe(name)) lose(views, at);
}

const isSafe = (name: string): boolean => {
  const card = cardOf(name);
  if (card?.verb) return true;
  return card?.change
    ? /^(deletes node|bitmap|export|nbd server)$/.test(card.change.kind)
    : /^(query-.*|qom-(get|list)|object-(add|del)|stop|cont|migrate(_cancel|-.*)?|qmp_capabilities|quit|block_set_io_throttle|device-list-properties)$/.test(
        name,
      );
};

/** All disks, or those that stand on one of these: something else writes there, or may. */
function lose({ disks, fresh }: Views, at: Place, on?: ReadonlySet<string>): void {
  if (on) for (const each of on) fresh.delete(each);
  else fresh.clear();
  for (const disk of disks)
    if (!on || [...on].some((each) => disk.on.has(each))) disk.lostAt = firstPlace(disk.lostAt, at);
}

/** What lies below shows through an overlay that is still empty. */
function overlaid(views: Views, { node, overlay }: JsonObject, at: Place): void {
  const above = standing(views, overlay);
  const isEmpty = !above.has(forgetful) && [...above].some((each) => views.fresh.has(each));
  for (const disk of disksOn(views, node)) {
    if (isEmpty) disk.on = new Set([...disk.on, ...above]);
    else disk.lostAt = firstPlace(disk.lostAt, at);
  }
  for (const each of above) views.fresh.delete(each);
}

/** A client finds its disk by a name, which may be another node's by now. */
function exported(views: Views, { 'node-name': node }: JsonObject, at: Place): void {
  for (const disk of views.disks) if (!disk.on.has(`${node}`)) disk.lostAt = firstPlace(disk.lostAt, at);
}

function added(views: Views, options: JsonObject): void {
  const name = options['node-name'];
  const on = named(views, options);
  for (const [, child] of childRoles(options)) if (isJsonObject(child)) added(views, child);
  if (typeof name !== 'string') return;
  views.below.set(name, on.add(name));
  const child = options.file ?? options.image;
  const below = isJsonObject(child) ? child['node-name'] : child;
  if (filterDrivers.has(`${options.driver}`) && views.passing.has(`${below}`)) views.passing.add(name);
  else views.passing.delete(name);
}

/** What options name as children or files, and what that stands on. */
function named(views: Views, options: Json | undefined): Set<string> {
  if (typeof options === 'string') return standing(views, options);
  if (!isJsonObject(options)) return new Set();
  const inner = childRoles(options).flatMap(([, child]) => [...named(views, child)]);
  const { 'node-name': name, filename, driver } = options;
  const lost = keeping.has(`${driver}`) ? undefined : forgetful;
  const own = [lost, name, typeof filename === 'string' ? filename.split('/').at(-1) : undefined];
  return new Set([...own.filter((each) => typeof each === 'string'), ...inner]);
}

function standing({ below }: Views, name: Json | undefined): Set<string> {
  const text = `${name}`;
  return new Set(below.get(text) ?? [text, text.split('/').at(-1) ?? text]);
}

/** A whole copy may take the disk's place, and then the guest sees the copy; of other copies it may see something else. */
function mirrored(views: Views, args: JsonObject, at: Place): void {
  const target = standing(views, args.target);
  lose(views, at, new Set([...target].filter((each) => each !== forgetful)));
  const isWhole =
    !target.has(forgetful) &&
    args.sync === 'full' &&
    args.replaces === undefined &&
    args['target-is-zero'] !== true;
  if (!isWhole || args.mode === 'existing') lose(views, at, standing(views, args.device));
  else for (const disk of disksOn(views, args.device)) disk.on = new Set([...disk.on, ...target]);
}

const disksOn = (views: Views, device: Json | undefined): View[] =>
  views.disks.filter(({ on }) => on.has(`${device}`));

/** A device is put on another node: one that passes on what it is asked, or something else. */
function moved(views: Views, { path, property, value }: JsonObject, at: Place): void {
  if (property !== 'drive') return;
  const on = standing(views, value);
  for (const disk of views.disks) {
    if (!`${path}`.includes(`/guest-${disk.name}/`)) continue;
    if (on.has(disk.name) && views.passing.has(`${value}`)) disk.on = new Set([...disk.on, ...on]);
    else disk.lostAt = firstPlace(disk.lostAt, at);
  }
}

function actionsOf({ name, args }: Exchange): { name: string; args: JsonObject }[] {
  if (name !== 'transaction' || !Array.isArray(args.actions)) return [{ name, args }];
  return args.actions.filter(isJsonObject).map(({ type, data }) => ({
    name: `${type}`,
    args: isJsonObject(data) ? data : {},
  }));
}

/** A guest's request that went through the monitor. */
function isGuests({ steps }: Sequence, { name, step }: Exchange): boolean {
  const made = step === undefined ? undefined : steps[step];
  return name === 'human-monitor-command' && made !== undefined && 'guest' in made;
}
