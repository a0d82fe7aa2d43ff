/** bwrap passes a signal's death on as exit code 128 + N. */
export function exitOf(
  code: number | undefined,
  signal: string | undefined,
): { code: number | null; signal: string | null } {
  if (signal) return { code: null, signal };
  const name = code !== undefined && code > 128 ? signalNames[code - 128] : undefined;
  return name ? { code: null, signal: name } : { code: code ?? null, signal: null };
}

const signalNames: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};
