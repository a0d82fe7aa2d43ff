import { UsageError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { HuntStatus } from '../report/live/hunt-status.ts';
import { listStatusFiles, readStatusFile } from '../report/live/status-file.ts';

export type WatchedHunt = { key: string; status: HuntStatus };

/** The hunts that write to a store, the one that began last first; a file that is as it was is not read again. */
export function watchHunts(store: string): () => { hunts: WatchedHunt[]; notes: string[] } {
  const known = new Map<string, { stamp: string; status?: HuntStatus; complaint?: string }>();
  return () => {
    const files = listStatusFiles(store);
    const names = new Set(files.map(({ file }) => file));
    for (const file of known.keys()) if (!names.has(file)) known.delete(file);
    for (const { file, stamp } of files)
      if (known.get(file)?.stamp !== stamp) known.set(file, { stamp, ...looked(file) });
    return {
      hunts: [...known]
        .flatMap(([file, { status }]) => (status ? [{ key: keyOf(file), status }] : []))
        .sort((a, b) => b.status.startedAt.localeCompare(a.status.startedAt)),
      notes: [...known.values()].flatMap(({ complaint }) => complaint ?? []),
    };
  };
}

const keyOf = (file: string): string => file.replace(/^.*\//, '').replace(/\.json$/, '');

function looked(file: string): { status?: HuntStatus; complaint?: string } {
  try {
    return { status: readStatusFile(file) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { complaint: printable(error.message) };
  }
}
