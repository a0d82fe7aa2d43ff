import { EnvironmentError } from '../../errors.ts';

/** A failure of the machine, as data: why a sequence has no verdict. `thing`: what failed, where that is known. */
export type Trouble = { reason: string; thing?: string; remedy?: string };

export function troubleFrom({ message, thing, remedy }: EnvironmentError): Trouble {
  return {
    reason: inFewWords(message),
    ...(thing === undefined ? {} : { thing }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

export const asError = ({ reason, remedy, thing }: Trouble): EnvironmentError =>
  new EnvironmentError(reason, remedy, thing === undefined ? {} : { thing });

/** Reasons are counted, so the same failure has to read the same each time: paths of runs and numbers of processes differ. */
function inFewWords(message: string): string {
  return message
    .replaceAll(/\S*\/mirrorfuzz-\d[^/\s]*(?:\/[^\s/:]+)*/g, '…')
    .replaceAll(/\b\d{4,}\b/g, 'N')
    .slice(0, reasonCharsMax);
}

/** A line or two: what is longer repeats a command line. */
const reasonCharsMax = 300;
