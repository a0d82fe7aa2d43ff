import { type Exchange, gather } from '../../judge/reading/evidence.ts';
import type { Violation } from '../../judge/rule.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import { stderrOf } from '../stderr.ts';
import { liveJob, liveJobs } from './jobs.ts';
import { ownNames } from './names.ts';
import { plainWords, withoutNumbers } from './words.ts';

/** How QEMU died: what it said itself or, where it said nothing, the signal and what it was doing. */
export function crashWords({ at }: Violation, trace: Trace): string {
  const exit = trace[at];
  if (exit?.kind !== 'exit') return 'no exit in the trace';
  const how = exit.signal ?? `exit code ${exit.code}`;
  const lines = stderrOf(trace);
  const told = lastWords(lines);
  if (told) return told.words;
  // abort() and exit() come after words of QEMU's; a fault does not, and what was said before is a warning.
  const last = lines.findLast((line) => !isWarning(line));
  if (last !== undefined && (exit.signal === null || exit.signal === 'SIGABRT'))
    return `${how}: ${plainWords(withoutProgram(last), ownNames(trace))}`;
  return `${how} ${doing(trace, at)}`;
}

/** What stderr holds whenever QEMU dies of the same: one text, or any of several (a POSIX extended expression). */
export const crashQuote = (trace: Trace): Quote | undefined => lastWords(stderrOf(trace))?.quote;

export type Quote = string | { anyOf: string };

/** `words` tell one defect from another; `quote` stands in the text as it is. */
type LastWords = { words: string; quote: Quote };

function lastWords(lines: readonly string[]): LastWords | undefined {
  return heap(lines) ?? assertion(lines) ?? errorAbort(lines) ?? library(lines);
}

/**
 * glibc notices a broken heap wherever it next looks (malloc.c, malloc_printerr): its words tell where that was, and
 * nothing of who broke it, so that one defect is told by many of them.
 */
function heap(lines: readonly string[]): LastWords | undefined {
  return isHeapBroken(lines)
    ? { words: 'the heap is corrupted', quote: { anyOf: heapComplaint.source } }
    : undefined;
}

const heapComplaint = new RegExp(
  [
    '(alloc|free|_chunk|_consolidate|_shutdown)\\(\\): [a-z]',
    'corrupted (double-linked list|size vs)',
    'double free or corruption',
    'malloc: top chunk is corrupt',
    'malloc_check_get_size: ',
    'malloc(\\.c:[0-9]+: | assertion failure)',
  ].join('|'),
);

/** The file's name without its path and line: both differ from build to build. */
function assertion(lines: readonly string[]): LastWords | undefined {
  const failed = failedAssertion(lines);
  if (!failed) return undefined;
  const { file, place, claim, quote } = failed;
  return { words: `assertion ${file}: ${place}: ${claim}`, quote };
}

/** `place`: the function as the compiler names it. */
export type FailedAssertion = { file: string; place: string; claim: string; quote: string };

/** An assertion of libc's or GLib's that failed, as stderr says it. */
export function failedAssertion(lines: readonly string[]): FailedAssertion | undefined {
  for (const line of lines) {
    const libc = /([^\s:/]+):\d+: (([^:]+): Assertion [`'](.*)' failed)/.exec(line);
    if (libc) {
      const [, file = '', quote = '', place = '', claim = ''] = libc;
      return { file, place, claim, quote };
    }
    const glib = /ERROR:(?:[^\s:]*\/)?([^\s:/]+):\d+:(([^:]+): (.*))$/.exec(line);
    if (!glib) continue;
    const [, file = '', said = '', place = ''] = glib;
    const claim = withoutValues(glib[4] as string);
    return { file, place, claim, quote: said.slice(0, said.indexOf(claim) + claim.length) };
  }
  return undefined;
}

/** `assertion failed (a == b): (3 == 4)` without the values that differed. */
const withoutValues = (text: string): string =>
  text.replace(/^assertion failed:? (\(.*?\))(?:: \(.*\))?$/, '$1');

/** An error that QEMU's authors thought impossible (&error_abort): where it arose. Its words change with versions. */
function errorAbort(lines: readonly string[]): LastWords | undefined {
  const place = unexpectedError(lines);
  if (place === undefined) return undefined;
  const quote = `Unexpected error in ${place}`;
  return { words: quote, quote };
}

/** The function in which it arose; '' where stderr does not name it. */
export function unexpectedError(lines: readonly string[]): string | undefined {
  const line = lines.find((each) => each.startsWith('Unexpected error in '));
  return line === undefined ? undefined : (/^Unexpected error in (\w+)/.exec(line)?.[1] ?? '');
}

export const isHeapBroken = (lines: readonly string[]): boolean =>
  lines.some((line) => heapComplaint.test(line));

/** What the C library, GLib and QEMU's own wrappers say before they abort. */
function library(lines: readonly string[]): LastWords | undefined {
  const line = lines.find((text) => /^\*\*\* .* detected|GLib.*ERROR|^qemu: \w+: /.test(text));
  if (line === undefined) return undefined;
  const said = withoutProgram(line);
  return { words: withoutNumbers(said), quote: said.replace(/\d.*/, '') };
}

/** The command whose handler ran: QEMU handles one at a time, in order, so the first that has no answer yet. */
function doing(trace: Trace, at: Place): string {
  const unanswered = gather(trace)?.exchanges.find(
    ({ sent, reply }) => sent < at && (reply === undefined || reply > at),
  );
  if (unanswered) return `in ${commandWords(unanswered)}${ofJob(unanswered, trace, at)}`;
  const jobs = liveJobs(trace, at);
  return jobs === '' ? 'with nothing to do' : `with ${jobs}`;
}

/** A verb does other things to a mirror than to a stream. */
function ofJob({ args }: Exchange, trace: Trace, at: Place): string {
  const id = args.device ?? args.id;
  const job = typeof id === 'string' ? liveJob(trace, at, id) : undefined;
  return job === undefined ? '' : ` of ${job.split(' ', 1)[0]}`;
}

/** A human's command is what its line begins with: drive_del, qemu-io. Both spellings of a verb do the same. */
function commandWords({ name, args }: Exchange): string {
  const line = name === 'human-monitor-command' ? args['command-line'] : undefined;
  return typeof line === 'string' ? `${name} ${line.split(' ', 1)[0]}` : name.replace(/^block-job-/, 'job-');
}

/** A function may be called qemu_…, too. */
const withoutProgram = (line: string): string => line.replace(/^\S*qemu(?:-\S*)?: /, '');

const isWarning = (line: string): boolean => /warning:|Failed (?:to )?flush|Failed to /.test(line);
