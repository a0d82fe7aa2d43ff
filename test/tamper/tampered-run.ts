import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute } from '../../src/execute/execute.ts';
import { openSessions } from '../../src/execute/sessions/sessions.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { guessReads } from '../../src/target/confine/program-reads.ts';
import type { Program } from '../../src/target/programs/binary.ts';
import { openRunRoot } from '../../src/target/run-dir.ts';
import type { Trace } from '../../src/trace/observation.ts';
import type { Driven } from '../real/qemus.ts';
import type { Tampering } from './tampering.ts';

/** What is seen of a sequence on a real QEMU that the tampering stands in front of; without any, the proxy only relays. */
export async function tamperedRun(
  { target, flavour }: Driven,
  sequence: Sequence,
  tamperings: readonly Tampering[] = [],
): Promise<Trace> {
  const program = target[flavour];
  if (!program) throw new Error(`${target.label} has no ${flavour}`);
  const root = await openRunRoot();
  const lying = { ...target, [flavour]: throughProxy(program, tamperings) };
  const sessions = openSessions({
    target: lying,
    flavour,
    root,
    tool: { name: 'mirrorfuzz', version: 'test' },
  });
  try {
    const session = await sessions.pristine(sequence);
    return (await execute(sequence, { ...session, roundTripUs: 300 })).trace; // deadlines as written
  } finally {
    await sessions.kill();
    root.remove();
  }
}

const proxy = fileURLToPath(new URL('proxy.ts', import.meta.url));

/** The proxy imports what lies about it. */
const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
/** Where work trees share them, this is a link. */
const packages = realpathSync(join(repository, 'node_modules'));

export function throughProxy({ argv, env }: Program, tamperings: readonly Tampering[]): Program {
  const lying = { argv: [process.execPath, proxy, JSON.stringify(tamperings), ...argv], env };
  return { ...lying, needs: { reads: [repository, packages, ...guessReads(lying)] } };
}
