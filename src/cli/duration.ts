import { UsageError } from '../errors.ts';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `10m`, `2h`, `500ms` or, as seconds, a bare number. */
export function durationMs(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const ms = match ? Number(match[1]) * units[(match[2] ?? 's') as keyof typeof units] : 0;
  if (ms > 0 && ms <= longestMs) return ms;
  throw new UsageError(`${option} ${text}: must be a time such as 90s, 10m or 2h`);
}

/** Three weeks; setTimeout ends at 24 days. */
const longestMs = 21 * 24 * 3_600_000;
