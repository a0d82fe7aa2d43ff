import { EnvironmentError, UsageError } from '../errors.ts';
import { printableLines } from '../printable.ts';
import { complaint } from './complain.ts';
import { exitCodes } from './exit-code.ts';

/** What is printed of an error that ends the program, and the contract's exit code: a line, or the stack of a mistake of ours. */
export function lastWords(error: Error, bisecting: boolean): { text: string; code: number } {
  const isOurs = !(error instanceof UsageError || error instanceof EnvironmentError);
  const text = isOurs
    ? `mirrorfuzz: ${printableLines(error.stack ?? error.message)}\n`
    : complaint(`${error.message}${error.remedy ? ` (try: ${error.remedy})` : ''}`);
  const code = error instanceof UsageError ? exitCodes.usage : exitCodes.environment;
  return { text, code: bisecting ? exitCodes.bisectSkips : code };
}
