import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CampaignEvent } from '../../src/campaign/campaign-event.ts';
import { hunt } from '../../src/campaign/hunt.ts';
import type { HuntPlan } from '../../src/campaign/hunt-plan.ts';
import { propertyFiles } from '../../src/campaign/properties.ts';
import { startWorker, type WorkerProcess } from '../../src/campaign/worker/worker-process.ts';
import { EnvironmentError } from '../../src/errors.ts';
import { openFindings } from '../../src/findings/store.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';

const here = oneQemu();
const canMount = process.getuid?.() === 0;

describe.runIf(here?.daemon)('a hunt that finds something', () => {
  test('records it anew where what it knew of it is spoilt, which is set aside and named', async () => {
    const findingsDir = temporaryDir();
    const [found] = (await hunted({ findingsDir, ...once })).discoveries;
    const id = found?.id as string;
    writeFileSync(join(findingsDir, id, 'finding.json'), '<<<<<<< ours\n');
    const { discoveries, warnings } = await hunted({ findingsDir, ...once });
    expect(discoveries).toMatchObject([{ id, known: false }]);
    expect(warnings).toContainEqual(expect.stringMatching(/finding\.json: not JSON/));
    expect(warnings).toContainEqual(expect.stringMatching(/^spoilt and set aside: .*\.spoilt$/));
    expect(openFindings(findingsDir).read(id).finding.id).toBe(id);
  });

  test('records it again where it was removed meanwhile', async () => {
    const findingsDir = temporaryDir();
    const { discoveries } = await hunted(
      { findingsDir, stopAfter: 9, budget: { sequences: 6 } },
      ({ kind }) => {
        if (kind === 'found')
          for (const { id } of openFindings(findingsDir).list().findings)
            rmSync(join(findingsDir, id), { recursive: true });
      },
    );
    const [met] = discoveries;
    expect(met?.count).toBe(6);
    expect(readdirSync(findingsDir)).toContain(met?.id);
  });

  test.runIf(canMount)('has it in another directory where that of the findings is full', async () => {
    const findingsDir = fullFileSystem();
    const { discoveries, warnings } = await hunted({ findingsDir, ...once });
    const [found] = discoveries;
    if (!found) return expect.fail('nothing was found');
    onTestFinished(() => rmSync(dirname(found.path), { recursive: true, force: true }));
    expect(found.unsaved?.reason).toMatch(/can't write to .*ENOSPC/);
    expect(openFindings(dirname(found.path)).read(found.id).sequence()).toEqual(found.unsaved?.sequence);
    expect(warnings).toContainEqual(expect.stringContaining(`is kept in ${dirname(found.path)}`));
  });

  test('hunts on where the corpus can’t be written, and says so once', async () => {
    const file = join(temporaryDir(), 'a-file');
    writeFileSync(file, '');
    const { warnings, ran } = await hunted({
      ...sound,
      corpusDir: join(file, 'corpus'),
      budget: { sequences: 4 },
    });
    expect(ran).toBe(4);
    expect(warnings).toEqual([expect.stringMatching(/^can't write to .*a-file/)]);
  });
});

describe.runIf(here?.daemon)('a worker that dies', () => {
  test('is replaced, and the sequence it died on is kept and named', async () => {
    const findingsDir = temporaryDir();
    const { lost, ran } = await hunted({ findingsDir, budget: { sequences: 7 }, ...dyingAt(3) });
    expect(ran).toBe(5);
    expect(lost).toMatchObject([{ how: 'killed by SIGKILL' }, { how: 'killed by SIGKILL' }]);
    for (const { doing, suspects } of lost) {
      const [file = ''] = suspects;
      expect(dirname(file)).toBe(join(findingsDir, 'suspects'));
      const { title, comment } = parseSequence(readFileSync(file, 'utf8'), file);
      expect(doing).toBe(`while it ran "${title}"`);
      expect(comment).toMatch(/^a worker died \(killed by SIGKILL\) while it ran/);
    }
    expect(openFindings(findingsDir).list()).toEqual({ findings: [], complaints: [] });
  });

  test('leaves to the next what it was to run after that', async () => {
    const indices: number[] = [];
    await hunted({ budget: { sequences: 7 }, ...dyingAt(3) }, (event) => {
      if (event.kind === 'ran') indices.push(event.ran.index);
    });
    expect(indices).toEqual([0, 1, 3, 4, 6]);
  });

  test('again and again before any sequence was run ends the hunt: the machine is not fit for it', async () => {
    const { failure, lost } = await hunted(dyingAt(1));
    expect(failure).toBeInstanceOf(EnvironmentError);
    expect((failure as Error).message).toMatch(/^every worker dies before .*: killed by SIGKILL$/);
    expect(lost.length).toBeGreaterThan(3);
  });
});

describe.runIf(here?.daemon)('a worker', () => {
  const order = async (more: Partial<HuntPlan>): Promise<string[]> => {
    const told: string[] = [];
    await hunted({ ...sound, budget: { sequences: 3 }, ...more }, undefined, (hear) => {
      const worker = startWorker((message) => {
        if (message.kind === 'ran') told.push(`ran ${message.index}`);
        hear(message);
      });
      const send: WorkerProcess['send'] = (message) => {
        if (message.kind === 'run') told.push(`run ${message.index}`);
        worker.send(message);
      };
      return { ...worker, send };
    });
    return told;
  };

  test('has its next sequence before it is done with one', async () => {
    expect(await order({})).toEqual(['run 0', 'run 1', 'ran 0', 'run 2', 'ran 1', 'ran 2']);
  });

  test('has it only then where what that shows may be the last wanted', async () => {
    expect(await order(once)).toEqual(['run 0', 'ran 0', 'run 1', 'ran 1', 'run 2', 'ran 2']);
  });
});

describe.runIf(here?.daemon)('a budget', () => {
  test('that is over before anything could be done ends the hunt', async () => {
    const { failure, ran } = await hunted({ budget: { timeMs: 1 } });
    expect(failure).toBeUndefined();
    expect(ran).toBe(0);
  });

  test('is overrun by 5 s at most, whatever the worker is at', async () => {
    const timeMs = 8_000;
    const begunMs = performance.now();
    const endless = propertyOf(`{ ...unsound(title), steps: Array(99).fill({ pause: 10_000 }) }`);
    const { ran, failure } = await hunted({ ...endless, budget: { timeMs } });
    expect(performance.now() - begunMs).toBeLessThan(timeMs + 5_000);
    expect({ ran, failure }).toEqual({ ran: 0, failure: undefined });
  });
});

/** A hunt with one worker, whose every sequence breaks one rule unless it is given other properties. */
async function hunted(
  more: Partial<HuntPlan>,
  listen: (event: CampaignEvent) => void = () => {},
  start: typeof startWorker = startWorker,
) {
  const lost: Extract<CampaignEvent, { kind: 'worker-lost' }>[] = [];
  const warnings: string[] = [];
  let ran = 0;
  const plan: HuntPlan = {
    programs: [{ target: here as NonNullable<typeof here>, flavour: 'daemon' }],
    workers: 1,
    seed: '1',
    ...propertyOf('unsound(title)'),
    budget: { sequences: 200 },
    shrink: false,
    mask: false,
    feedback: false,
    findingsDir: temporaryDir(),
    seeds: [],
    tool: { name: 'mirrorfuzz', version: 'test' },
    ...more,
  };
  const hunting = hunt(
    plan,
    (event) => {
      if (event.kind === 'ran') ran++;
      if (event.kind === 'worker-lost') lost.push(event);
      if (event.kind === 'warning') warnings.push(event.message);
      listen(event);
    },
    start,
  );
  onTestFinished(() => hunting.kill());
  const failure: unknown = await hunting.finished.catch((error: unknown) => error);
  return { discoveries: hunting.discoveries(), failure, lost, ran, warnings };
}

const lifecycle = propertyFiles().find((file) => basename(file).startsWith('lifecycle.')) as string;
const once = { stopAfter: 1 };
const sound = { properties: ['lifecycle'], propertyFiles: [lifecycle] };

/** One property, which makes only this sequence. */
function propertyOf(sequence: string): Pick<HuntPlan, 'propertyFiles' | 'properties'> {
  const unsound = `{ schema: 1, title, arena: { disks: [{ name: 'src', format: 'raw', sizeBytes: 65536 }] }, steps: [{ qmp: 'query-version', expect: 'error' }] }`;
  return written(`import lifecycle from ${JSON.stringify(lifecycle)};
const unsound = (title) => (${unsound});
export default { ...lifecycle, make: (title) => (${sequence}) };
`);
}

/** Workers that read these properties kill themselves as they begin their sequence of that number. */
function dyingAt(number: number): Partial<HuntPlan> {
  return written(`const send = process.send.bind(process);
let begun = 0;
process.send = (message) => {
  if (message.kind !== 'begun' || ++begun !== ${number}) return send(message);
  return send(message, () => process.kill(process.pid, 'SIGKILL'));
};
export { default } from ${JSON.stringify(lifecycle)};
`);
}

function written(text: string): Pick<HuntPlan, 'propertyFiles' | 'properties'> {
  const file = join(temporaryDir(), 'lifecycle.ts');
  writeFileSync(file, text);
  return { propertyFiles: [file], properties: ['lifecycle'] };
}

function fullFileSystem(): string {
  const dir = temporaryDir();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'mirrorfuzz-test', dir]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', dir]));
  return dir;
}
