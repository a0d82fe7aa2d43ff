import type { StorageServer } from '../../../src/sequence/optional.ts';
import type { QemuTarget } from '../../../src/target/programs/binary.ts';
import { lackOf } from '../../../src/target/storage/usable.ts';

/** Whether this machine can have that server, tried for real; what it lacks names the tests that are skipped. */
export async function usableHere(
  server: StorageServer,
  target: QemuTarget | undefined,
): Promise<{ usable: true } | { usable: false; lacks: string }> {
  if (!target) return { usable: false, lacks: 'no QEMU is here: ./bootstrap' };
  const lack = await lackOf(target, server);
  return lack ? { usable: false, lacks: lack.lacks } : { usable: true };
}
