import type { StorageKind } from '../../sequence/arena.ts';
import { block } from './block.ts';
import { iscsi } from './iscsi.ts';
import { nbd } from './nbd.ts';
import { nfs } from './nfs.ts';
import type { Backend } from './storage.ts';

/** Every kind of storage but local files, which need no server. */
export const backends: Partial<Record<StorageKind, Backend>> = {
  block,
  iscsi,
  nbd,
  nfs,
};
