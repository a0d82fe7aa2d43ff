import { reaches } from './change.ts';
import type { Graph } from './graph.ts';

/**
 * Whether a node that is neither above nor below has the same file open. Then QEMU's lock on the file decides what
 * either may do (`file-posix.c`, raw_check_lock_bytes), and which rights the other has taken is not followed here.
 */
export function sharesFile(graph: Graph, name: string): boolean {
  const filename = graph.nodes.get(name)?.filename;
  if (filename === undefined) return false;
  for (const other of graph.nodes.values()) {
    const isApart = !reaches(graph, other.name, name) && !reaches(graph, name, other.name);
    if (other.filename === filename && isApart) return true;
  }
  return false;
}
