import { rawBytes, rawText, resyncByte, splitBytes } from '../../qmp/raw.ts';
import type { RawStep } from '../../sequence/step.ts';
import { limits } from '../limits.ts';
import { issue, type Run, sleep } from '../run.ts';

/** Sends bytes verbatim, in as many packets as the step wants, then brings the stream back to a known state. */
export async function rawStep(run: Run, step: RawStep, index: number): Promise<void> {
  const bytes = rawBytes(step.raw);
  if (bytes.includes('quit')) run.session.expectExit();
  run.recorder.record({ kind: 'raw-sent', ...rawText(bytes), sizeBytes: bytes.length, step: index });
  for (const packet of splitBytes(bytes, step.splitAt ?? [])) {
    run.session.write(packet);
    // A turn of the event loop each, so that the packets are separate writes on the socket.
    if (step.splitAt) await sleep(0);
  }
  run.unsyncedBytes += bytes.length;
  if (step.resync !== false) await resync(run, index, step.deadlineMs);
}

/**
 * 0xFF can begin no token, so the lexer gives up whatever string or bracket was open, answers with one parse error
 * and starts afresh; the probe's reply then proves that the monitor still works.
 * Nothing is done where no raw bytes came since the last time.
 */
export async function resync(run: Run, index: number | undefined, ownDeadlineMs?: number): Promise<void> {
  if (run.unsyncedBytes === 0) return;
  const readingMs = Math.ceil((run.unsyncedBytes * 1000) / limits.monitorBytesPerSecond);
  run.unsyncedBytes = 0;
  run.recorder.record({
    kind: 'raw-sent',
    base64: resyncByte.toString('base64'),
    sizeBytes: 1,
    ...(index === undefined ? {} : { step: index }),
  });
  run.session.write(resyncByte);
  const answer = issue(
    run,
    { name: 'query-version', args: {} },
    {
      id: `probe-${run.session.nextCommandId()}`,
      deadlineMs: (ownDeadlineMs ?? limits.commandDeadlineMs) + readingMs,
      ...(index === undefined ? {} : { step: index }),
    },
  );
  if (!run.suspended) await answer;
}
