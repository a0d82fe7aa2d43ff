import type { Hardware } from '../../sequence/machine.ts';
import type { Flavour } from '../../trace/observation.ts';
import type { Confinement } from '../confine/confinement.ts';
import type { Reach } from '../confine/sandbox.ts';
import type { QemuTarget } from '../programs/binary.ts';
import type { LineKind } from './line.ts';

/** What a session is started with. */
export type SessionPlan = Reach & {
  target: QemuTarget;
  flavour: Flavour;
  /** No machine when absent. */
  hardware?: Hardware;
  /** It waits for a machine that is migrated to it. */
  incoming?: true;
  /** Negotiate out-of-band: the monitor then parses in its own thread and reads ahead, so it is off unless wanted. */
  oob?: boolean;
  /** There is another monitor, a stream. */
  secondMonitor?: boolean;
  /** A stream when absent. Datagrams need a network of our own (confine/isolation.ts), since QEMU is in it, too. */
  line?: LineKind;
  /** The best of this machine when absent. */
  confinement?: Confinement;
  /** `--object` values, where the program has no object-add. */
  objects?: readonly string[];
  /** Have QEMU print its trace points about jobs. */
  tracePoints?: boolean;
  dir: string;
  /** From spawn to greeting; limits.ts has the usual. A debugger takes longer. */
  startDeadlineMs?: number;
};
