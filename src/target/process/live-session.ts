import type { Socket } from 'node:net';
import type { QmpClient } from '../../qmp/client.ts';
import type { QmpEvent } from '../../qmp/message.ts';
import type { Hardware } from '../../sequence/machine.ts';
import type { Dialect } from '../../sequence/sequence.ts';
import type { Flavour, Seen } from '../../trace/observation.ts';
import type { Confinement } from '../confine/confinement.ts';
import type { QemuTarget } from '../programs/binary.ts';
import type { LineKind } from './line.ts';

/** One live QEMU process with its monitor, confined to `dir`. */
export type Session = {
  target: QemuTarget;
  flavour: Flavour;
  hardware: Hardware;
  /** The machine's serial line, where it has one: the guest is on its other end. */
  serial?: Promise<Socket>;
  /** Another monitor, a stream, where the session has it: nobody reads it unless asked. */
  secondMonitor?: Promise<Socket>;
  oob: boolean;
  line: LineKind;
  /** Messages of QEMU that never arrived, since its start; only datagrams get lost. */
  lost(): number;
  dir: string;
  confinement: Confinement;
  client: QmpClient;
  /**
   * Ids for commands: negative, unlike those that hostile raw bytes carry; counted anew for each sequence, when all
   * earlier ones are answered, since QEMU reads a byte per main-loop turn and each digit costs.
   */
  nextCommandId(): number;
  /** From -1 on again; replies that are still due are nobody's. */
  restartCommandIds(): void;
  /** Counts of QEMU's trace points since the last time, where the session has them. */
  takeTracePoints(): Record<string, number>;
  /** Edges of QEMU's code that it reached since the last time, where its build counts them. */
  takeEdges(): number[];
  /** Everything the monitor, stderr and the process say from now on goes here, in order. */
  observe(observer: (seen: SessionSeen) => void): void;
  /**
   * From now on the client speaks that dialect; undefined: QEMU's own QMP again. `hidden` hears of the events that
   * the dialect has not.
   */
  interpret(dialect: Dialect | undefined, hidden?: (event: QmpEvent) => void): void;
  /** Commands go to QEMU as they are; replies and events still come as the dialect has them. */
  bypassDialect(): void;
  /** `quit` was sent, or a signal of ours: the exit that follows was asked for. false takes it back. */
  expectExit(asked?: boolean): void;
  exited(): boolean;
  /** Writes bytes on the monitor as they are. */
  write(bytes: string | Buffer): void;
  /** QEMU's own process, inside the sandbox's tree; undefined once it is gone. */
  pid(): number | undefined;
  signal(signal: NodeJS.Signals): boolean;
  /** SIGKILL, for when there is no time to ask. */
  kill(): void;
  /** `quit` where QEMU still listens, SIGKILL after a grace; resolves when the process is gone. */
  stop(quitId?: number): Promise<void>;
  exit: Promise<void>;
};

export type SessionSeen = Extract<
  Seen,
  { kind: 'greeting' | 'reply' | 'event' | 'foreign' | 'stderr' | 'disconnect' | 'exit' }
>;
