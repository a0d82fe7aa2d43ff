import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { addNode } from './change.ts';
import type { Graph } from './graph.ts';

type Options = { [key: string]: Json };

/** `blockdev-add` has succeeded: its node, and those that its options spell out inside. */
export function addedNode(graph: Graph, options: Options): void {
  enter(graph, options, true, isTrue(options['read-only']), isFalse(options.active));
}

/** Names that such options give to nodes, at whatever depth. */
export function namesGiven(options: Options): string[] {
  const inner = childRoles(options).flatMap(([, value]) => (isJsonObject(value) ? namesGiven(value) : []));
  return [...(typeof options['node-name'] === 'string' ? [options['node-name']] : []), ...inner];
}

/** Children by role, as options name them: a text refers to a node, an object makes one. */
export function childRoles(options: Options): [string, Json][] {
  return Object.entries(options).flatMap(([role, value]): [string, Json][] => {
    if (role === 'children' && Array.isArray(value)) return value.map((each, i) => [`children.${i}`, each]);
    return roles.has(role) && value !== null ? [[role, value]] : [];
  });
}

const roles: ReadonlySet<string> = new Set([
  'file',
  'backing',
  'image',
  'data-file',
  'target',
  'test',
  'raw',
  'header',
  'bottom',
  'log',
]);

/** Returns the node's name, undefined where it has none of its own. */
function enter(
  graph: Graph,
  options: Options,
  owned: boolean,
  readOnly: boolean,
  inactive: boolean,
): string | undefined {
  const children = new Map<string, string | undefined>();
  for (const [role, value] of childRoles(options)) {
    if (typeof value === 'string') children.set(role, value);
    if (!isJsonObject(value)) continue;
    // A nested node takes read-only from the node that it is made for, unless it says so itself.
    const inner = value['read-only'] === undefined ? readOnly : isTrue(value['read-only']);
    children.set(role, enter(graph, value, false, inner, inactive));
  }
  const name = options['node-name'];
  if (typeof name !== 'string') return undefined;
  const driver = typeof options.driver === 'string' ? options.driver : undefined;
  const filename = fileBelow(graph, options);
  const image = filename === undefined ? undefined : graph.images.get(baseName(filename));
  const known = image !== undefined && image.format === driver;
  // What the image itself says of a backing file counts where the options say nothing.
  const mayBeBacked =
    formats.has(driver ?? '') && !Object.hasOwn(options, 'backing') && !(known && !image.backed);
  const keepsBitmaps = driver === 'qcow2' || driver === 'parallels';
  addNode(graph, {
    name,
    presence: 'sure',
    driver,
    owned,
    readOnly: options['auto-read-only'] === true ? undefined : readOnly,
    active: !inactive,
    sizeBytes: known && !isPart(options) ? image.sizeBytes : nullSize(options),
    children,
    bitmaps: keepsBitmaps && !known ? undefined : new Map(),
    filename,
    image,
    entangled: mayBeBacked,
    changedAt: -1,
  });
  return name;
}

/** Formats whose images may name a backing file themselves. */
const formats: ReadonlySet<string> = new Set([
  'qcow2',
  'qcow',
  'qed',
  'vmdk',
  'parallels',
  'vpc',
  'vhdx',
  'vdi',
]);

function fileBelow(graph: Graph, options: Options): string | undefined {
  const { driver, filename } = options;
  if (driver === 'file' && typeof filename === 'string') return filename;
  const below = options.file ?? options.image;
  if (isJsonObject(below)) return fileBelow(graph, below);
  return typeof below === 'string' ? graph.nodes.get(below)?.filename : undefined;
}

const baseName = (filename: string): string => filename.slice(filename.lastIndexOf('/') + 1);

/** null-co's default is 1 GiB (block/null.c). */
function nullSize({ driver, size }: Options): number | undefined {
  if (driver !== 'null-co' && driver !== 'null-aio') return undefined;
  return typeof size === 'number' ? Math.ceil(size / 512) * 512 : size === undefined ? 2 ** 30 : undefined;
}

/** A raw node may show a part of what lies below it. */
const isPart = ({ driver, offset, size }: Options): boolean =>
  driver === 'raw' && (offset !== undefined || size !== undefined);

const isTrue = (value: Json | undefined): boolean => value === true;
const isFalse = (value: Json | undefined): boolean => value === false;
