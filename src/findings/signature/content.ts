import type { ContentFact } from '../../judge/facts/content.ts';
import type { ContentCause, CopyJob, Lost } from '../../judge/facts/content-cause.ts';

/**
 * By which job, in which phase, something is lost or spoilt: `integrity/content: a mirror's target, completed: what the
 * guest wrote meanwhile, older`. Neither the image nor who has looked at it tells one defect from another, nor does the place.
 */
export function contentSignature({ cause }: ContentFact): string {
  return `integrity/content: ${cause ? ofCause(cause) : 'of unknown cause'}`;
}

function ofCause({ job, killed, untouched, lost }: ContentCause): string {
  // The write is lost on its way, whatever job copies the disk.
  if (lost.inFlightAt) return `a request in flight at a ${lost.inFlightAt}, ${lost.found}`;
  const where = killed ? 'after a kill, ' : untouched ? 'an image that nothing writes, ' : '';
  // Of a job that failed the guest is to see nothing: whatever is otherwise has one cause.
  if (job?.ended === 'failed') return `${where}${job.type} that failed`;
  return `${where}${job ? ofJob(job, lost) : 'no job'}: ${ofLost(lost)}`;
}

/** How it ended matters for what came while it ran, what it met for what it copied; its sync for what was there before. */
function ofJob({ type, copies, writeBlocking, sync, ended, error }: CopyJob, lost: Lost): string {
  const role = copies === 'to it' ? '' : 'source of ';
  const isCopied = lost.due === 'before';
  const active = writeBlocking && (!isCopied || lost.near === 'beside a request') ? 'write-blocking ' : '';
  const how = isCopied
    ? sync === 'part'
      ? ' of a part'
      : ''
    : ` ${lost.due === 'after' ? 'before' : ended}`;
  const met = error && lost.near !== 'beside a request' ? `, ${error.operation} error, ${error.action}` : '';
  return `${role}${active}${type}${how}${met}`;
}

function ofLost({ found, due, request, near, inOddEnd }: Lost): string {
  const what = request === undefined ? 'what was there before' : `${request} ${due}`;
  const place = near ? `, ${near}` : inOddEnd ? ', in an odd end' : '';
  return `${what}${place}, ${found}`;
}
