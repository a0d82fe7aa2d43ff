import { expect, test } from 'vitest';
import { type NfsFault, refusal } from '../../../src/target/storage/nfs-reply.ts';

const procedures = {
  null: 0,
  getattr: 1,
  setattr: 2,
  read: 6,
  write: 7,
  create: 8,
  rename: 14,
  fsinfo: 19,
  commit: 21,
};

test.each([
  ['writes', ['write']],
  ['allocations', ['write', 'create']],
  ['changes', ['setattr', 'write', 'create', 'rename']],
  ['all', ['getattr', 'setattr', 'read', 'write', 'create', 'rename', 'fsinfo', 'commit']],
] as const)('refusing %s refuses %j and nothing else', (calls, refused) => {
  const fault: NfsFault = { kind: 'refuse', calls, status: 'EIO' };
  const names = Object.entries(procedures).filter(([, procedure]) => refusal(call(procedure), fault));
  expect(names.map(([name]) => name)).toEqual(refused);
});

test('a refused write carries its status and no attributes', () => {
  const reply = refusal(call(procedures.write), { kind: 'refuse', calls: 'writes', status: 'ENOSPC' });
  expect(reply?.subarray(24).toString('hex')).toBe('0000001c0000000000000000');
});

test('a program that is not NFS is not refused', () => {
  const mount = { ...call(1), program: 100005 };
  expect(refusal(mount, { kind: 'refuse', calls: 'all', status: 'ESTALE' })).toBeUndefined();
});

test('a slow server, or one that has no fault, refuses nothing', () => {
  expect(refusal(call(procedures.write), { kind: 'slow' })).toBeUndefined();
  expect(refusal(call(procedures.write), undefined)).toBeUndefined();
});

function call(procedure: number) {
  return { xid: 1, program: 100003, version: 3, procedure, body: Buffer.alloc(0) };
}
