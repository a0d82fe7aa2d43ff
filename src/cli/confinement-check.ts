import { confinement } from '../target/confine/confinement.ts';
import { isolated } from '../target/confine/isolation.ts';
import { installCommand } from '../target/install/install-command.ts';
import { findExecutable } from '../target/programs/executable.ts';
import type { MachineCheck } from './machine-checks.ts';

/** How QEMU is shut in here. Root without any confinement is refused, so that nothing runs. */
export function checkConfinement(): MachineCheck {
  const check = { name: 'confinement', required: false } as const;
  const kind = confinement();
  switch (kind) {
    case 'bubblewrap': {
      if (isolated([])) return { ...check, status: 'ok', detail: 'bubblewrap works' };
      const detail = 'bubblewrap works, but not inside itself: hunts are slower by a third';
      return { ...check, status: 'degraded', detail };
    }
    case 'namespaces': {
      const detail = `${whyNotBubblewrap()}: namespaces of util-linux confine QEMU as well, but hunts are slower by a third`;
      return { ...check, status: 'degraded', detail, remedy: whatMends() };
    }
    case 'none': {
      const isRoot = process.getuid?.() === 0;
      const detail = isRoot
        ? `${whyNotBubblewrap()}: hostile commands would run as root, so nothing runs without --unconfined`
        : `${whyNotBubblewrap()}: QEMU runs hostile commands with your rights`;
      const remedy = whatMends();
      return isRoot
        ? { name: 'confinement', required: true, status: 'missing', detail, remedy }
        : { ...check, status: 'degraded', detail, remedy };
    }
  }
}

const whyNotBubblewrap = (): string =>
  findExecutable('bwrap') ? 'bubblewrap is there but may not make namespaces' : 'no bubblewrap';

const whatMends = (): string =>
  findExecutable('bwrap')
    ? 'sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0'
    : (installCommand('bubblewrap') ?? 'install bubblewrap');
