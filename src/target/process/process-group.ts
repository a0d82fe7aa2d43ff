/** To a process that leads a group of its own (`detached`), and to all of that group. Harmless where nobody is left of it. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return; // it did not start
  try {
    process.kill(-leader, signal);
  } catch {} // gone already
}
