import { filterDrivers } from '../model/graph/graph.ts';
import type { CardChange } from '../qemu/card.ts';
import { cardOf } from '../qemu/cards.ts';
import type { Arena } from '../sequence/arena.ts';
import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
import { asReference, isSize } from '../sequence/reference.ts';
import type { Json } from '../sequence/step.ts';
import { diskNodes } from './guess-disks.ts';
import type { GuessedBitmap, GuessedExport, GuessedJob, GuessedNode } from './guesses.ts';
import { nameMeant } from './resolve-references.ts';

type Graph = {
  arena: Arena;
  jobs: readonly GuessedJob[];
  nodes: readonly GuessedNode[];
  bitmaps: readonly GuessedBitmap[];
  exports: readonly GuessedExport[];
  nbdServer: boolean;
  usedNames: readonly string[];
};

/** Whether a job, another node or a frontend stands on that node, so that it can't be deleted. */
export function isInUse(
  { jobs, nodes, exports }: Pick<Graph, 'jobs' | 'nodes' | 'exports'>,
  name: string,
): boolean {
  return (
    jobs.some(({ holds }) => holds.includes(name)) ||
    nodes.some(({ children }) => children.includes(name)) ||
    exports.some(({ node }) => node === name) ||
    nodes.some((node) => node.name === name && node.frontend !== 'none')
  );
}

/** Nodes, bitmaps and exports once that command has had its effect; a transaction is its actions one by one. */
export function graphAfter<G extends Graph>(before: G, command: string, args: JsonObject): G {
  if (command === 'transaction') {
    const actions = Array.isArray(args.actions) ? args.actions.filter(isJsonObject) : [];
    return actions.reduce<G>(
      (graph, { type, data }) =>
        typeof type === 'string' && isJsonObject(data) ? graphAfter(graph, type, data) : graph,
      before,
    );
  }
  const graph = noteNewDisks(noteNames(before, args), args);
  const change = cardOf(command)?.change;
  return change ? changed(graph, change, args) : graph;
}

function changed<G extends Graph>(graph: G, change: CardChange, args: JsonObject): G {
  switch (change.kind) {
    case 'adds node':
      return nodeAdded(graph, args);
    case 'deletes node': {
      const gone = nameMeant(args[change.node]);
      if (gone === undefined || isInUse(graph, gone)) return graph;
      return {
        ...graph,
        nodes: graph.nodes.filter(({ name }) => name !== gone),
        bitmaps: graph.bitmaps.filter(({ node }) => node !== gone),
      };
    }
    case 'overlays': {
      const [covered] = change.over.flatMap((member) => args[member] ?? []);
      return overlaid(graph, nameMeant(covered), args[change.overlay]);
    }
    case 'resizes':
      return resized(graph, nameMeant(args['node-name'] ?? args.device), args[change.size]);
    case 'bitmap':
      return bitmapChanged(
        graph,
        change.does,
        nameMeant(args.node),
        nameMeant(args.name),
        args.disabled !== true,
      );
    case 'nbd server':
      return {
        ...graph,
        nbdServer: change.is === 'running',
        ...(change.is === 'stopped' ? { exports: [] } : {}),
      };
    case 'export': {
      const [id, node] = [nameMeant(args.id), nameMeant(args['node-name'])];
      if (change.does === 'remove')
        return { ...graph, exports: graph.exports.filter((each) => each.id !== args.id) };
      if (id === undefined || node === undefined) return graph;
      return { ...graph, exports: [...graph.exports, { id, node }] };
    }
    case 'reopens':
    case 'sets active':
    case 'names backing file':
    case 'creates image':
    case 'adds device':
    case 'asks device to go':
    case 'sets property':
      return graph;
  }
}

/** The arena's nodes over its disks; a guest that goes by way of one of them has that one as its device. */
export function withArenaNodes<G extends { nodes: readonly GuessedNode[] }>(
  { disks, nodes: over = [] }: Arena,
  graph: G,
): G {
  const opened = [...graph.nodes];
  for (const options of over) opened.push(...nodeMade(opened, options as JsonObject, 'arena'));
  const through = new Map(
    disks.flatMap((disk) => (disk.through === undefined ? [] : [[disk.through, disk.name]])),
  );
  const nodes = opened.map((node): GuessedNode => {
    if (through.has(node.name)) return { ...node, frontend: 'export' };
    return [...through.values()].includes(node.name) ? { ...node, frontend: 'none' } : node;
  });
  return { ...graph, nodes };
}

/** Every name that a command gives to a node or a file: it is not free any more. */
function noteNames<G extends Graph>(graph: G, args: JsonObject): G {
  const given: string[] = [];
  const visit = (value: Json, key: string): void => {
    const reference = asReference(value);
    if (reference?.kind === 'newFile') given.push(reference.file);
    else if (reference?.kind === 'newDisk' || reference?.kind === 'path') given.push(reference.disk);
    else if (typeof value === 'string' && /node-name$|^name$|^id$/.test(key)) given.push(value);
    else if (Array.isArray(value)) for (const inner of value) visit(inner, '');
    else if (!reference && isJsonObject(value))
      for (const [name, inner] of Object.entries(value)) visit(inner, name);
  };
  visit(args, '');
  const fresh = given.filter((name) => !graph.usedNames.includes(name));
  return fresh.length === 0 ? graph : { ...graph, usedNames: [...graph.usedNames, ...fresh] };
}

/** Disks made just before the command: they stay, whatever becomes of it. */
function noteNewDisks<G extends Graph>(graph: G, args: JsonObject): G {
  const source = graph.nodes.find(({ name }) => name === nameMeant(args.device));
  const made: GuessedNode[] = [];
  const visit = (value: Json): void => {
    const reference = asReference(value);
    if (reference?.kind === 'newDisk') {
      const { disk: name, backing, sizeBytes = source?.sizeBytes ?? 0 } = reference;
      if ([...graph.nodes, ...made].some((node) => node.name === name)) return;
      const format = reference.format ?? (source?.driver === 'raw' ? 'raw' : 'qcow2');
      const disk = { name, format, sizeBytes, ...(backing === undefined ? {} : { backing }) };
      made.push(...diskNodes(disk, 'daemon').map((node) => ({ ...node, origin: 'newDisk' as const })));
    } else if (!reference && value !== null && typeof value === 'object') Object.values(value).forEach(visit);
  };
  visit(args);
  return made.length === 0 ? graph : { ...graph, nodes: [...graph.nodes, ...made] };
}

const nodeAdded = <G extends Graph>(graph: G, args: JsonObject): G => ({
  ...graph,
  nodes: [...graph.nodes, ...nodeMade(graph.nodes, args, 'added')],
});

function nodeMade(nodes: readonly GuessedNode[], args: JsonObject, origin: 'added' | 'arena'): GuessedNode[] {
  const name = args['node-name'];
  if (typeof name !== 'string' || typeof args.driver !== 'string') return [];
  if (nodes.some((node) => node.name === name)) return [];
  const named = [
    ...[args.file, args.image, args.test, args.raw, args.backing, args.target, args.log],
    ...(Array.isArray(args.children) ? args.children : []),
  ];
  const children = named.flatMap((child) => nameMeant(child) ?? []);
  const below = nodes.find((node) => node.name === children[0]);
  const { size, offset = 0 } = args;
  const rest = (below?.sizeBytes ?? 0) - (typeof offset === 'number' ? offset : 0);
  const made: GuessedNode = {
    name,
    disk: undefined,
    driver: args.driver,
    sizeBytes: isSize(size) ? size : rest,
    readOnly: args['read-only'] === true || args.driver === 'snapshot-access' || below?.readOnly === true,
    hasContent: below?.hasContent ?? false,
    children,
    backing: filterDrivers.has(args.driver) ? below?.backing : nameMeant(args.backing),
    frontend: 'none',
    origin,
    ...(origin === 'arena' ? { over: true } : {}),
  };
  return [made];
}

/** The overlay takes the place of what it covers: its frontend, and the nodes that stood on it. */
function overlaid<G extends Graph>(graph: G, base: string | undefined, overlay: Json | undefined): G {
  const below = graph.nodes.find(({ name }) => name === base);
  const name = nameMeant(overlay);
  if (!below || name === undefined || base === undefined || below.frontend === 'none') return graph;
  const top: GuessedNode = {
    name,
    disk: undefined,
    driver: 'qcow2',
    sizeBytes: below.sizeBytes,
    readOnly: false,
    hasContent: below.hasContent,
    children: [base],
    backing: base,
    frontend: below.frontend,
    origin: 'snapshot',
  };
  const others = graph.nodes
    .filter((node) => node.name !== name)
    .map((node) => (node === below ? { ...node, frontend: 'none' as const, readOnly: true } : node));
  return { ...graph, nodes: [...others, top] };
}

function resized<G extends Graph>(graph: G, name: string | undefined, size: Json | undefined): G {
  if (!isSize(size)) return graph;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => (node.name === name ? { ...node, sizeBytes: size } : node)),
  };
}

function bitmapChanged<G extends Graph>(
  graph: G,
  does: Extract<CardChange, { kind: 'bitmap' }>['does'],
  node: string | undefined,
  name: string | undefined,
  enabled: boolean,
): G {
  if (node === undefined || name === undefined) return graph;
  const isIt = (bitmap: GuessedBitmap): boolean => bitmap.node === node && bitmap.name === name;
  const others = graph.bitmaps.filter((bitmap) => !isIt(bitmap));
  if (does === 'clear' || does === 'merge') return graph;
  if (does === 'remove') return { ...graph, bitmaps: others };
  if (does === 'add') return { ...graph, bitmaps: [...others, { node, name, enabled }] };
  const switched = graph.bitmaps.map((bitmap) =>
    isIt(bitmap) ? { ...bitmap, enabled: does === 'enable' } : bitmap,
  );
  return { ...graph, bitmaps: switched };
}
