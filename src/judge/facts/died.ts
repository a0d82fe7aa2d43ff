/** QEMU's process ended as it must not. */
export type DiedFact = {
  shape: 'died';
  signal: string | null;
  code: number | null;
  /** It was told to quit. */
  asked: boolean;
  /** The line of its stderr that says most. */
  said?: string;
};

export function diedWords({ signal, code, asked, said }: DiedFact): string {
  if (signal !== null) return said ? `${signal}: ${said}` : signal;
  return asked ? `exit code ${code}` : `exit code ${code}, ${said ?? 'nothing on stderr'}`;
}
