import type { CardChange, JobType } from '../../qemu/card.ts';
import { cardOf, jobOf } from '../../qemu/cards.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { startBackup } from './effects/backup.ts';
import { startCommit } from './effects/commit.ts';
import { moveDevice } from './effects/devices.ts';
import { startMirror } from './effects/mirror.ts';
import { addNode, changeBackingFile, createImage, deleteNode, reopenNodes, resize } from './effects/nodes.ts';
import { snapshot, snapshotSync } from './effects/snapshot.ts';
import { startStream } from './effects/stream.ts';
import { fileNamed } from './files.ts';
import { disturbAbove, loseAll, overwrite } from './image-changes.ts';
import type { ImageGraph, Job, JobEnding } from './image-graph.ts';
import { disksOn, imageNamed } from './image-lookups.ts';

/** A command and the places in the trace between which it took effect. */
export type DoneCommand = { name: string; args: Record<string, Json>; sent: number; done: number };

/** What happened, in the order of `at`; it may have taken effect from `from` on. */
export type Happening = { from: number; at: number } & (
  | { kind: 'accepted' | 'refused'; command: DoneCommand }
  | { kind: 'job-ended'; job: string; ending: JobEnding }
  | { kind: 'guest-changes'; disk: string }
  | { kind: 'lost' }
);

/** Follows the images through all that happened. `followed` sees the graph after each of them. */
export function follow(
  graph: ImageGraph,
  happenings: readonly Happening[],
  followed?: (happening: Happening) => void,
): void {
  for (const happening of happenings) {
    graph.now = happening.from;
    switch (happening.kind) {
      case 'accepted':
        accept(graph, happening.command);
        break;
      case 'refused':
        refuse(graph, happening.command);
        break;
      case 'job-ended': {
        const job = graph.jobs.get(happening.job);
        graph.jobs.delete(happening.job);
        const past = graph.past.findLast(({ sent, id }) => jobKey(sent, id) === happening.job);
        if (past) past.ended = { how: happening.ending, at: happening.at };
        job?.end(graph, job, happening.ending, happening.at);
        break;
      }
      case 'guest-changes':
        guestChanges(graph, happening.disk);
        break;
      case 'lost':
        loseAll(graph);
        break;
    }
    followed?.(happening);
  }
}

/** What names a job from its start to its end. */
export const jobKey = (sent: number, id: string): string => `${sent} ${id}`;

type Start = (graph: ImageGraph, command: DoneCommand, key: string) => Job | undefined;
type Follow = (graph: ImageGraph, command: DoneCommand) => void;

const starts: Readonly<Partial<Record<JobType, Start>>> = {
  mirror: startMirror,
  backup: startBackup,
  commit: startCommit,
  stream: startStream,
};

/** What a change of that kind does to images; undefined: nothing that they depend on. */
const changes: Readonly<Record<CardChange['kind'], Follow | undefined>> = {
  'adds node': addNode,
  'deletes node': deleteNode,
  reopens: reopenNodes,
  resizes: resize,
  overlays: (graph, command) =>
    cardOf(command.name)?.file === undefined ? snapshot(graph, command) : snapshotSync(graph, command),
  'creates image': createImage,
  'names backing file': changeBackingFile,
  'sets active': loseAll,
  'adds device': loseAll,
  'asks device to go': loseAll,
  'sets property': moveDevice,
  bitmap: undefined,
  export: undefined,
  'nbd server': undefined,
};

/** Other commands that no image's content depends on. Whatever is not known here may change any image. */
const harmless =
  /^(query-|qom-|object-(add|del)$|nbd-server-|block-set-write-threshold$|block_set_io_throttle$|x-blockdev-set-iothread$|qmp_capabilities$|quit$|stop$|cont$|system_reset$|block-latency-histogram-set$|migrate(_cancel|-.*)?$|abort$|chardev-|device-list-properties$)/;

export function isHarmless(name: string): boolean {
  const card = cardOf(name);
  const known = card?.change ? changes[card.change.kind] === undefined : card?.verb !== undefined;
  return known || harmless.test(name);
}

const startOf = (name: string): Start | undefined => {
  const job = jobOf(name);
  return job && starts[job.type];
};
export const isStart = (name: string): boolean => startOf(name) !== undefined;

/** Jobs of one kind share a command; the effects of a transaction's actions are those of as many commands. */
function accept(graph: ImageGraph, command: DoneCommand): void {
  if (command.name === 'transaction') {
    for (const action of actionsOf(command)) accept(graph, action);
    return;
  }
  const { name, args, sent } = command;
  const start = startOf(name);
  if (start) {
    const id = args['job-id'] ?? driveOf(graph, args.device);
    const job = start(graph, command, jobKey(sent, `${id}`));
    if (!job) return;
    graph.jobs.set(job.key, job);
    const { reads, writes } = job;
    graph.past.push({
      id: `${id}`,
      sent,
      ...(reads === undefined ? {} : { reads }),
      writes,
      ended: undefined,
    });
    return;
  }
  const change = cardOf(name)?.change;
  const effect = change && changes[change.kind];
  if (effect) effect(graph, command);
  else if (!isHarmless(name)) loseAll(graph);
}

/** A job without an id has that of the drive on its node, be it named by the node. */
function driveOf(graph: ImageGraph, device: Json | undefined): Json | undefined {
  const image = imageNamed(graph, device);
  return (image && disksOn(graph, image.file)[0]?.drive) ?? device;
}

/** A refused command has changed nothing, but the file that it was to make may be there, and empty. */
function refuse(graph: ImageGraph, command: DoneCommand): void {
  if (command.name === 'transaction') {
    for (const action of actionsOf(command)) refuse(graph, action);
    return;
  }
  const { name, args } = command;
  const file = fileNamed(graph, args[cardOf(name)?.file ?? '']);
  if (file === undefined || args.mode === 'existing') return;
  const image = graph.images.get(file);
  if (!image) return;
  image.sizeBytes = undefined;
  overwrite(graph, file);
}

/** Those of a transaction, as commands. */
export function actionsOf({ args, sent, done }: DoneCommand): DoneCommand[] {
  const actions = Array.isArray(args.actions) ? args.actions : [];
  return actions.map((action) => {
    const { type, data } = isJsonObject(action) ? action : {};
    return { name: `${type}`, args: isJsonObject(data) ? data : {}, sent, done };
  });
}

/** What the guest writes shows through every image above the one its disk lies on. */
function guestChanges(graph: ImageGraph, name: string): void {
  const disk = graph.disks.get(name);
  if (!disk) return;
  const image = graph.images.get(disk.top);
  if (image?.writing) image.writing = { ...image.writing, job: 'several' };
  disturbAbove(graph, disk.top);
}
