import { expect, test } from 'vitest';
import { addCoverage, coverageOf, noCoverage } from '../../../src/campaign/feedback/coverage.ts';
import { openInteresting, type RunShown } from '../../../src/campaign/feedback/interesting.ts';
import { jobStatusMoments } from '../../../src/campaign/feedback/job-status-moments.ts';
import { minimalCorpus } from '../../../src/campaign/feedback/minimal-corpus.ts';
import { featuresOf } from '../../../src/campaign/feedback/novelty.ts';
import { drawFrom } from '../../../src/generate/draw.ts';
import { judge } from '../../../src/judge/judge.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { Observation, Trace } from '../../../src/trace/observation.ts';
import { binaries } from '../../generate/binaries.ts';
import { story } from '../../judge/story.ts';

/** Commands of a story are its steps' own only where they carry a step's index. */
const stepped = (text: string): Trace =>
  story(text).map((seen): Observation => (seen.kind === 'command' ? { ...seen, step: 0 } : seen));

const paused = stepped(`
  > mirror j0
  ! j0 created running
  < ok
  > job-pause j0
  ! j0 paused
  < ok
  > job-pause j0
  < GenericError: Job is already paused
`);

const ran = (title: string, features: readonly string[], more: Partial<RunShown> = {}): RunShown => ({
  sequence: sequence(title),
  features,
  triples: {},
  moments: [],
  elapsedMs: 10,
  ...more,
});

const { schema } = binaries[0]!;

const sequence = (title: string): Sequence => ({ schema: 1, title, arena: { disks: [] }, steps: [] });

test('a run shows which status took which command how, and what was said', () => {
  const features = featuresOf(paused, []);
  expect(features).toContain('paused job-pause GenericError');
  expect(features).toContain('says job-pause: Job is already paused');
  expect(features).toContain('events created > running > paused');
});

test('misspelt names are no news, each for itself', () => {
  const features = (name: string) =>
    [
      ...featuresOf(
        stepped(`> ${name}\n< CommandNotFound: The command ${name} has not been found`),
        [],
        schema,
      ),
    ].filter((each) => !each.startsWith('rule '));
  expect(features('query-jobx')).toEqual([
    'says an unknown command: The command query-jobx has not been found',
  ]);
});

test('a run shows which rules had something to rule on: verbs by what the job had been through', () => {
  const features = featuresOf(paused, []);
  expect(features).toContain('rule state/verb-reply pause ok untouched');
  expect(features).toContain('rule state/verb-reply pause GenericError paused-by-user');
});

test('a run shows what its images were held to', () => {
  const disks = ['src', 'dst'].map((name) => ({ name, format: 'raw' as const, sizeBytes: 4096 }));
  const held = story(
    '~ phase phase=after\n~ content image=dst format=raw sizeBytes=4096 runs=[[0,4096,"zero"]]',
    {
      arena: { disks },
    },
  );
  expect(featuresOf(held, judge(held).verdicts)).toContain('rule integrity/untouched');
});

test('in a dialect without JOB_STATUS_CHANGE a job is seen to begin', () => {
  const [opened, ...seen] = stepped(`
    > __com.redhat_drive-mirror device=drive-src target=t full=true
    < ok
    ! READY drive-src 1/1`);
  if (opened?.kind !== 'opened') throw new Error('a story begins with its opening');
  const spoken: Trace = [{ ...opened, sequence: { ...opened.sequence, dialect: 'rhel6' } }, ...seen];
  expect(coverageOf(spoken).vacuous).toBe(0);
  expect(coverageOf([opened, ...seen]).vacuous).toBe(1);
});

test('the words of an error count without the names in it', () => {
  const said = (name: string): string[] =>
    [...featuresOf(stepped(`> job-pause j0\n< GenericError: Node '${name}' is busy at 17`), [])].filter(
      (each) => each.startsWith('says'),
    );
  expect(said('a')).toEqual(said('b'));
  expect(said('a')).toHaveLength(1);
});

test('the same trace point much more often is something new, once more is not', () => {
  const points = (times: number): string[] => {
    const trace: Trace = [...paused, { us: 99, kind: 'points', counts: { 'mirror_yield N': times } }];
    return [...featuresOf(trace, [])].filter((each) => each.startsWith('point'));
  };
  expect(points(5)).toEqual(points(4));
  expect(points(8)).not.toEqual(points(4));
});

test('coverage counts what the steps asked for, and adds up', () => {
  const sum = noCoverage();
  addCoverage(sum, coverageOf(paused));
  addCoverage(sum, coverageOf(story('> query-jobs\n< []')));
  expect(sum).toMatchObject({ commands: 3, accepted: 2, sequences: 2, vacuous: 1 });
  expect(sum.triples['paused job-pause GenericError']).toBe(1);
  expect(sum.transitions['running paused']).toBe(1);
  expect(sum.values).toMatchObject({ 'ok job-pause id=text': 1, 'refused job-pause id=text': 1 });
});

test('a sequence is interesting for a version as long as it shows something that version has not shown', () => {
  const interesting = openInteresting(10);
  expect(interesting.consider('7.2', ran('a', ['x', 'y']))).toEqual(['x', 'y']);
  expect(interesting.consider('7.2', ran('b', ['y', 'z']))).toEqual(['z']);
  expect(interesting.consider('7.2', ran('c', ['x']))).toEqual([]);
  expect(interesting.consider('10.0', ran('d', ['x']))).toEqual(['x']);
  expect(interesting.entries().map((entry) => entry.sequence.title)).toEqual(['a', 'b', 'd']);
});

test('of more than fit, what brought least and was chosen most goes', () => {
  const interesting = openInteresting(2);
  interesting.consider('v', ran('rich', ['1', '2', '3']));
  interesting.consider('v', ran('poor', ['4']));
  interesting.consider('v', ran('new', ['5', '6']));
  expect(interesting.entries().map((entry) => entry.sequence.title)).toEqual(['rich', 'new']);
});

test('parents come from the seed alone', () => {
  const chosen = (): string[] => {
    const interesting = openInteresting(50);
    for (let i = 0; i < 30; i++) interesting.consider('v', ran(`${i}`, [`${i}`]));
    const draw = drawFrom('seed');
    return Array.from({ length: 20 }, () =>
      (interesting.parents(draw) ?? []).map(({ title }) => title).join(),
    );
  };
  expect(chosen()).toEqual(chosen());
  expect(new Set(chosen()).size).toBeGreaterThan(5);
});

test('a minimal corpus shows all that the whole one shows', () => {
  const shown = (file: string, steps: number, ...features: string[]) => ({
    file,
    steps,
    features: new Set(features),
  });
  const { kept, spare } = minimalCorpus([
    shown('long', 9, 'a', 'b'),
    shown('short', 2, 'a', 'b'),
    shown('part', 1, 'b'),
    shown('own', 5, 'c'),
  ]);
  expect(kept.map(({ file }) => file)).toEqual(['short', 'own']);
  expect(spare.map(({ file }) => file)).toEqual(['long', 'part']);
});

test('a moment is aimed at with the commands that its statuses have met on this version', () => {
  const interesting = openInteresting(10);
  const moments = [{ step: 2, jobs: { j0: 'paused', j1: 'running' } as const }];
  const triples = { 'paused job-resume ok': 1, 'paused+running query-jobs ok': 2, 'ready job-pause ok': 1 };
  interesting.consider('7.2', ran('a', ['x'], { moments, triples }));
  expect(interesting.aim(drawFrom('seed'), '7.2')).toEqual({
    parent: sequence('a'),
    moment: moments[0],
    together: 'paused+running',
    met: { 'paused+running': ['query-jobs'], paused: ['job-resume'], running: [] },
  });
  expect(interesting.aim(drawFrom('seed'), '10.0')?.met.paused).toEqual([]);
});

test('a trace has a moment for each combination of statuses, but none where images are read or a dialect is spoken', () => {
  const steps = (text: string): Trace => {
    let step = 0;
    return story(text).flatMap((seen): Observation[] =>
      seen.kind === 'command' ? [{ us: seen.us, kind: 'step', step: step++ }, seen] : [seen],
    );
  };
  const trace = steps(`
    > mirror j0
    ! j0 created running
    < ok
    > query-jobs
    < []
    > job-pause j0
    ! j0 paused
    < ok
    > job-resume j0
    < ok`);
  expect(jobStatusMoments(trace)).toEqual([
    { step: 1, jobs: { j0: 'running' } },
    { step: 3, jobs: { j0: 'paused' } },
  ]);
  const [opened, ...seen] = trace;
  if (opened?.kind !== 'opened') throw new Error('a story begins with its opening');
  const changed = (how: Partial<Sequence>): Trace => [
    { ...opened, sequence: { ...opened.sequence, ...how } },
    ...seen,
  ];
  expect(jobStatusMoments(changed({ after: [{ content: 'src' }] }))).toEqual([]);
  expect(jobStatusMoments(changed({ dialect: 'rhel7' }))).toEqual([]);
});
