import type { Json } from '../../sequence/step.ts';
import { anything } from './content.ts';
import { overwrite } from './image-changes.ts';
import { type Image, type ImageGraph, unknown } from './image-graph.ts';
import { partOf } from './image-lookups.ts';

/** The file that a path names, or the URL of an image's server; undefined for other URIs, and `json:` names. */
export function fileNamed(graph: ImageGraph, path: Json | undefined): string | undefined {
  if (typeof path !== 'string') return undefined;
  const onServer = graph.served.get(path);
  if (onServer !== undefined) return onServer;
  const exported = /^nbd\+unix:\/\/\/([^?]+)\?/.exec(path)?.[1];
  if (exported !== undefined) return partOf(graph, exported)?.file;
  return /^[a-z+]+:/.test(path) ? undefined : path.split('/').at(-1);
}

/** The backing file that a header will name after a job that has put `base` there, by the job's argument where it has one. */
export function headerOf(
  graph: ImageGraph,
  base: Image | undefined,
  given: Json | undefined,
): string | undefined {
  return given === undefined || fileNamed(graph, given) === base?.file ? base?.file : 'unknown';
}

/** A file that QEMU makes, or makes anew: it allocates nothing yet. undefined where it is of a format not followed here. */
export function createFile(
  graph: ImageGraph,
  made: { file: string; format: Json; sizeBytes: number | undefined; header: string | undefined },
): Image | undefined {
  const { file, format, sizeBytes, header } = made;
  if (format !== 'raw' && format !== 'qcow2') return undefined;
  if (graph.images.has(file)) overwrite(graph, file);
  const image: Image = {
    file,
    format,
    sizeBytes,
    header,
    backing: header,
    apart: undefined,
    empty: true,
    settled: { ...unknown, content: anything },
    writing: undefined,
  };
  graph.images.set(file, image);
  return image;
}
