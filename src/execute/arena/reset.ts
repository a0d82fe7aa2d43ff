import { limits } from '../limits.ts';
import { isOk, issueAll, type Run, until } from '../run.ts';

/**
 * Resets the machine, and waits until that is done: the main loop does it after the command is answered. Devices that
 * were asked to go are gone then, whatever their guest did about it. false where it does not come about.
 */
export async function reset(run: Run, before: { name: string }[] = []): Promise<boolean> {
  const asked = run.recorder.trace.length;
  const commands = [...before, { name: 'system_reset' }].map(({ name }) => ({ name, args: {} }));
  const answers = await issueAll(run, commands);
  if (!answers.every(isOk)) return false;
  const isReset = (): boolean =>
    run.recorder.trace.some(
      (seen, at) => at >= asked && seen.kind === 'event' && seen.name === 'RESET' && seen.data.guest !== true,
    );
  const done = await until(
    run,
    () => (isReset() ? 'reset' : run.broken || run.disconnected ? 'gone' : undefined),
    limits.settleDeadlineMs * run.deadlineScale,
  );
  return done === 'reset';
}
