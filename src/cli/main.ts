import { hideBin } from 'yargs/helpers';
import { watchOutput } from './closed-pipe.ts';
import { carryOut } from './command-line.ts';
import { isBisecting } from './exit-code.ts';
import { lastWords } from './last-words.ts';

const words = hideBin(process.argv);

watchOutput();

process.on('uncaughtException', endWith);
process.on('unhandledRejection', (reason) =>
  endWith(reason instanceof Error ? reason : new Error(String(reason))),
);

await carryOut(words).catch(endWith);

/** One clear line on stderr, and the exit code of the contract. */
function endWith(error: Error): never {
  const { text, code } = lastWords(error, isBisecting(words));
  process.stderr.write(text);
  process.exit(code);
}
