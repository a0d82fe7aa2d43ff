import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What figures of speed depend on; nothing that names the machine or who owns it. */
export const machine = () => ({
  cpus: availableParallelism(),
  model: cpus()[0]?.model ?? 'unknown',
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  system: `${type()} ${release()}`,
});
