/**
 * QEMU's own trace points about jobs, as its `log` backend, which stock builds have, writes them to stderr. They are
 * counted by their text without addresses, numbers cut down to 0, 1 and N: what went on inside, for whoever looks for
 * something new.
 */
export type TracePoints = {
  /** Takes the trace points out of a stretch of stderr; the rest is what QEMU says. */
  hear(text: string): string;
  /** What was counted since the last time. */
  take(): Record<string, number>;
};

/** Patterns of `-trace`: a handful of lines a job; a build that lacks one ignores it. */
export const tracePatterns = [
  'job_*',
  'mirror_*',
  'backup_*',
  'block_copy_*',
  'commit_*',
  'stream_*',
] as const;

export function openTracePoints(): TracePoints {
  let counts: Record<string, number> = {};
  let unfinished = '';
  return {
    hear(text) {
      const lines = (unfinished + text).split('\n');
      unfinished = lines.pop() ?? '';
      if (!mayBecomePoint(unfinished)) {
        lines.push(unfinished);
        unfinished = '';
      } else lines.push('');
      return lines.filter((line) => !count(line)).join('\n');
    },
    take() {
      const taken = counts;
      counts = {};
      return taken;
    },
  };

  function count(line: string): boolean {
    if (!point.test(line)) return false;
    const name = line
      .replace(/^(?:\d+@[\d.]+:)?/, '')
      .replaceAll(/0x[0-9a-f]+|\(nil\)/g, '')
      .replaceAll(/\d+/g, (digits) => (digits.length === 1 && digits < '2' ? digits : 'N'));
    counts[name] = (counts[name] ?? 0) + 1;
    return true;
  }
}

const point = /^(?:\d+@[\d.]+:)?(?:job|mirror|backup|block_copy|commit|stream)_[a-z_]+ /;
/** Where QEMU's writing was cut in the middle of a line. */
const mayBecomePoint = (text: string): boolean =>
  text !== '' && (point.test(`${text} `) || /^(?:\d+@[\d.]*:?)?[a-z_]*$/.test(text));
