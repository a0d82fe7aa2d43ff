import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshSequence } from '../campaign/dry-run.ts';
import { loadProperties, propertyFiles } from '../campaign/properties.ts';
import { execute } from '../execute/execute.ts';
import { openSessions, type Sessions } from '../execute/sessions/sessions.ts';
import { judge } from '../judge/judge.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json } from '../sequence/step.ts';
import { type ImageSpec, openImageStore } from '../target/images/image-store.ts';
import type { Trace } from '../trace/observation.ts';
import { type BareClient, startBare } from './bare-client.ts';
import type { BenchProgram } from './bench.ts';
import { type Figure, inTurn, ratePerSecond } from './measure.ts';

/**
 * Generated sequences a second on one session, executed and judged, next to a bare client that makes the same images and
 * sends the same commands, and knows beforehand which events to wait for.
 */
export async function sameSequences(program: BenchProgram, count: number, rounds: number): Promise<Figure> {
  const { target, flavour, root, name: on } = program;
  const sessions = openSessions(program);
  const bareDir = root.sessionDir();
  let bare = await startBare(target, flavour, bareDir);
  try {
    const scripts = await recorded(program, sessions, count);
    const schema = await sessions.schema();
    const ours = async (): Promise<void> => {
      for (const { sequence } of scripts) {
        const { trace, pristine } = await execute(sequence, await sessions.pristine(sequence));
        await sessions.giveBack(pristine);
        judge(trace, schema);
      }
    };
    const images = openImageStore({ dir: bareDir });
    const theirs = async (): Promise<void> => {
      for (const script of scripts) {
        const dir = join(bareDir, 'q');
        mkdirSync(dir);
        for (const spec of script.images) images.place(spec, dir);
        await replay(bare, script, dir);
        rmSync(dir, { recursive: true });
      }
    };
    const { ratio, ...rates } = await inTurn(
      rounds,
      async () => scripts.length * (await ratePerSecond(1, ours)),
      async () => {
        // What a job left that ended otherwise than when it was recorded must not make the next round any shorter.
        await bare.close();
        bare = await startBare(target, flavour, bareDir);
        return scripts.length * (await ratePerSecond(1, theirs));
      },
    );
    const wanted = { text: '>= 0.6 of bare', met: ratio >= 0.6 };
    return { what: 'generated sequences', on, unit: '/s', ours: rates.ours, bare: rates.bare, ratio, wanted };
  } finally {
    await sessions.close();
    await bare.close();
    rmSync(bareDir, { recursive: true, force: true });
  }
}

/** What a bare client needs to do the same: packets of commands, and how many events had come before each. */
type Script = { sequence: Sequence; dir: string; images: ImageSpec[]; packets: Packet[] };
type Packet = {
  commands: { name: string; args: Record<string, Json> }[];
  readyBefore: number;
  goneBefore: number;
};

/** Of properties without a guest; sequences that end their session, or do more than send commands, are left out. */
async function recorded(program: BenchProgram, sessions: Sessions, count: number): Promise<Script[]> {
  const { target, flavour } = program;
  const properties = (await loadProperties(propertyFiles())).filter(withoutGuest);
  const binary = { version: target.version, flavour, schema: await sessions.schema() };
  const scripts: Script[] = [];
  for (let index = 0; scripts.length < count; index++) {
    const property = properties[index % properties.length] as (typeof properties)[number];
    const sequence = freshSequence(property, binary, { index, seed: `bench ${index}` });
    const images: ImageSpec[] = [];
    let dir = '';
    const session = await sessions.pristine(sequence);
    const store = {
      place(spec: ImageSpec, intoDir: string) {
        images.push(spec);
        dir = intoDir;
        return session.images.place(spec, intoDir);
      },
    };
    const { trace, pristine } = await execute(sequence, { ...session, images: store });
    await sessions.giveBack(pristine);
    if (pristine && trace.every(({ kind }) => !beyondCommands.has(kind)))
      scripts.push({ sequence, dir, images, packets: packetsOf(trace) });
  }
  return scripts;
}

const withoutGuest = ({
  readsImages,
  steps,
}: {
  readsImages: boolean;
  steps: { weights: object };
}): boolean => !readsImages && !('guest' in steps.weights);

const beyondCommands: ReadonlySet<string> = new Set(['raw-sent', 'guest-begin', 'fault', 'expired', 'exit']);

/** Commands with nothing seen between them were sent as one. */
function packetsOf(trace: Trace): Packet[] {
  const packets: Packet[] = [];
  let [readyBefore, goneBefore] = [0, 0];
  let open = false;
  for (const seen of trace) {
    if (seen.kind === 'command') {
      if (!open) packets.push({ commands: [], readyBefore, goneBefore });
      packets.at(-1)?.commands.push({ name: seen.name, args: seen.args });
      open = true;
    } else if (seen.kind === 'reply' || seen.kind === 'event' || seen.kind === 'await') open = false;
    if (seen.kind !== 'event') continue;
    if (seen.name === 'BLOCK_JOB_READY') readyBefore++;
    if (seen.name === 'JOB_STATUS_CHANGE' && seen.data.status === 'null') goneBefore++;
  }
  return packets;
}

async function replay(bare: BareClient, { packets, dir: recordedIn }: Script, dir: string): Promise<void> {
  const seen = bare.countEvents();
  for (const { commands, readyBefore, goneBefore } of packets) {
    await seen.until(() => seen.ready >= readyBefore && seen.gone >= goneBefore, patienceMs);
    const text = JSON.stringify(commands).replaceAll(recordedIn, dir);
    await bare.commands(JSON.parse(text) as Packet['commands']);
  }
}

/** A job that ended sooner than when it was recorded has none of the events to come. */
const patienceMs = 5;
