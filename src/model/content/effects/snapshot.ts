import { createFile, fileNamed } from '../files.ts';
import type { DoneCommand } from '../follow.ts';
import { forget, loseAll, replaceNode, setBacking } from '../image-changes.ts';
import type { Image, ImageGraph } from '../image-graph.ts';
import { contentOf, disksOn, imageNamed, nodeCalled, nodeOn } from '../image-lookups.ts';

/** `blockdev-snapshot-sync`: a new, empty overlay; the image below it keeps what it holds. */
export function snapshotSync(graph: ImageGraph, command: DoneCommand): void {
  const { args } = command;
  const covered = oneName(args);
  const image = imageNamed(graph, covered);
  const file = fileNamed(graph, args['snapshot-file']);
  if (!image || file === undefined || args.mode === 'existing') {
    loseAll(graph);
    return;
  }
  const format = args.format ?? 'qcow2';
  const overlay = createFile(graph, { file, format, sizeBytes: image.sizeBytes, header: image.file });
  if (!overlay) {
    loseAll(graph);
    return;
  }
  const node = args['snapshot-node-name'];
  if (typeof node === 'string') graph.nodes.set(node, { file, whole: true });
  layOver(graph, command, { node: covered, from: image }, { by: nodeOn(graph, file), to: overlay });
}

/** Of two names QEMU takes the one that it finds first, a drive by `device`, else a node by `node-name`: nobody knows here. */
const oneName = ({ device, 'node-name': node }: DoneCommand['args']): unknown =>
  device !== undefined && node !== undefined && device !== node ? undefined : (device ?? node);

/** `blockdev-snapshot`: an overlay that is a node already; its header stays as it is. */
export function snapshot(graph: ImageGraph, command: DoneCommand): void {
  const image = imageNamed(graph, command.args.node);
  const overlay = imageNamed(graph, command.args.overlay);
  if (!image || !overlay || image === overlay) {
    loseAll(graph);
    return;
  }
  const below = overlay.settled.content;
  if (!overlay.empty || overlay.writing || disksOn(graph, overlay.file).length > 0) forget(graph, image.file);
  const { node, overlay: by } = command.args;
  layOver(graph, command, { node, from: image }, { by: nodeCalled(graph, by), to: overlay });
  setBacking(overlay, image.file, command.done, below);
}

function layOver(
  graph: ImageGraph,
  { sent, done }: DoneCommand,
  below: { node: unknown; from: Image },
  above: { by: string; to: Image },
): void {
  const [image, overlay] = [below.from, above.to];
  const content = contentOf(graph, image, { from: sent, to: done });
  image.settled = { by: 'untouched', content, why: 'when the snapshot was taken', flushed: false };
  overlay.settled = { ...image.settled, flushed: false };
  overlay.empty = false;
  replaceNode(graph, below, above, done);
}
