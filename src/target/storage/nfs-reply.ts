import { answer, type RpcCall } from './rpc-record.ts';

/** What a relay does to the calls of one image; undefined: nothing. */
export type NfsFault = { kind: 'refuse'; calls: keyof typeof callSets; status: NfsStatus } | { kind: 'slow' };

/** nfsstat3 of RFC 1813. */
export const nfsStatus = { EPERM: 1, EIO: 5, ENOSPC: 28, EROFS: 30, ESTALE: 70 } as const;
export type NfsStatus = keyof typeof nfsStatus;

/** The answer of a server that refuses this call; undefined where it does not. */
export function refusal(call: RpcCall, fault: NfsFault | undefined): Buffer | undefined {
  if (fault?.kind !== 'refuse' || call.program !== nfsProgram) return undefined;
  const attributeWords = failureWords[call.procedure];
  if (attributeWords === undefined || !callSets[fault.calls](call.procedure)) return undefined;
  return answer(call, nfsStatus[fault.status], ...Array<number>(attributeWords).fill(0));
}

export const nfsProgram = 100003;
export const mountProgram = 100005;

/**
 * By procedure: how many words follow the status of a call that failed. Each says that attributes are not given
 * (post_op_attr: one word, wcc_data: two). NULL has no status.
 */
const failureWords: readonly (number | undefined)[] = [
  ...[undefined, 0, 2, 1, 1, 1, 1], // NULL GETATTR SETATTR LOOKUP ACCESS READLINK READ
  ...[2, 2, 2, 2, 2, 2, 2, 4, 3], // WRITE CREATE MKDIR SYMLINK MKNOD REMOVE RMDIR RENAME LINK
  ...[1, 1, 1, 1, 1, 2], // READDIR READDIRPLUS FSSTAT FSINFO PATHCONF COMMIT
];

const [setattr, write, mknod, link] = [2, 7, 11, 15] as const;

const callSets = {
  all: () => true,
  writes: (procedure: number) => procedure === write,
  /** What needs space, as a file system sees it that writes nothing in place: data and new files. */
  allocations: (procedure: number) => procedure >= write && procedure <= mknod,
  /** Whatever a read-only export refuses. */
  changes: (procedure: number) => procedure === setattr || (procedure >= write && procedure <= link),
} as const;
