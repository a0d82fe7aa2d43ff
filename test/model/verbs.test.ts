import { describe, expect, test } from 'vitest';
import { jobCommands, wellFormed } from '../../src/model/job-commands.ts';
import { type StatusOrAbsent, transitions } from '../../src/model/job-machine.ts';
import type { Expected } from '../../src/model/verb.ts';
import { anyWorld, freshWorld, type World } from '../../src/model/world.ts';
import type { Json } from '../../src/sequence/step.ts';
import { answers, type Cell, columns, verbTable } from './verb-table.ts';

describe.each(['5.2.0', '7.2.22', '10.0.13', '11.1.3'])('verbs of %s', (version) => {
  for (const { command, args = {}, cells, on5 } of verbTable) {
    const row = (version.startsWith('5.') ? (on5 ?? cells) : cells).trim().split(/\s+/) as Cell[];
    const named = `${command}${Object.keys(args).length > 0 ? ` ${JSON.stringify(args)}` : ''}`;
    test.each(columns.map((column, i) => ({ ...column, cell: row[i] as Cell })))(
      `${named} of a job that is $status: $cell`,
      ({ status, world, cell }) => {
        const verb = jobCommands[command]?.verb.name ?? '';
        const wanted = answers[cell].replace('STATUS', status).replace('VERB', verb);
        const late =
          version.startsWith('5.') && status === 'absent' ? ` or ${answers.LATE.replace('VERB', verb)}` : '';
        // A drain that is in force, which no event tells, stands in the way of completing.
        const drained =
          version.startsWith('5.') && verb === 'complete' && cell === 'OK'
            ? ' or GenericError: The active block job ID cannot be completed'
            : '';
        expect(said(expectedOf(command, { status, world, args, version }))).toBe(wanted + late + drained);
      },
    );
  }

  test('every job command is in the table', () => {
    expect(new Set(verbTable.map(({ command }) => command))).toEqual(new Set(Object.keys(jobCommands)));
  });
});

describe('what a job remembers', () => {
  const version = '7.2.22';
  const afterwards = (command: string, status: StatusOrAbsent, world: World, args = {}): World | undefined =>
    expectedOf(command, { status, world, args, version }).flatMap((each) =>
      'ok' in each ? [each.ok] : [],
    )[0];

  test('a pause is remembered until resume', () => {
    const paused = afterwards('job-pause', 'running', freshWorld);
    expect(paused?.userPaused).toBe(true);
    expect(afterwards('job-resume', 'paused', paused as World)).toEqual(freshWorld);
  });

  test('a forced cancel takes a pause back', () => {
    const paused = { ...freshWorld, userPaused: true };
    expect(afterwards('job-cancel', 'paused', paused)).toEqual({ ...freshWorld, cancel: 'force' });
  });

  test('a cancel without force is soft once the job is ready, and by force before', () => {
    expect(afterwards('block-job-cancel', 'ready', freshWorld)?.cancel).toBe('soft');
    expect(afterwards('block-job-cancel', 'running', freshWorld)?.cancel).toBe('force');
  });

  test('a soft cancel after a forced one changes nothing', () => {
    const forced = { ...freshWorld, cancel: 'force' as const };
    expect(afterwards('block-job-cancel', 'ready', forced)).toEqual(forced);
  });

  test.each(['soft', 'force'] as const)('after a %s cancel complete is refused', (cancel) => {
    const cancelled = { ...freshWorld, cancel };
    expect(afterwards('job-complete', 'ready', cancelled)).toBeUndefined();
  });

  test('complete may be asked for twice', () => {
    const completing = afterwards('job-complete', 'ready', freshWorld) as World;
    expect(completing.completeRequested).toBe(true);
    expect(afterwards('job-complete', 'ready', completing)).toEqual(completing);
  });

  test('any world is every world', () => {
    expect(new Set(anyWorld.map((world) => JSON.stringify(world))).size).toBe(2 * 3 * 2);
  });
});

describe('the statuses', () => {
  test('undefined leads to every status, and null to none', () => {
    const reached = new Set(['undefined']);
    for (const from of reached)
      for (const to of transitions[from as keyof typeof transitions]) reached.add(to);
    expect([...reached].sort()).toEqual(Object.keys(transitions).sort());
    expect(transitions.null).toEqual([]);
  });

  test('a job of blockdev-create is no block job', () => {
    const situation = {
      status: 'concluded',
      world: freshWorld,
      args: {},
      version: '7.2.22',
      type: 'create',
    } as const;
    expect(said(expectedOf('block-job-dismiss', situation))).toBe(answers.BNF);
    expect(said(expectedOf('job-dismiss', situation))).toBe('success');
  });

  test('a job of blockdev-create is paused and resumed like any other, but not by block-job-*', () => {
    const situation = { status: 'concluded', world: freshWorld, args: {}, version: '7.2.22', type: 'create' };
    expect(said(expectedOf('job-resume', { ...situation, status: 'concluded' }))).toBe(answers.P2);
    expect(said(expectedOf('block-job-resume', { ...situation, status: 'concluded' }))).toBe(answers.BNF);
  });
});

describe('arguments that are looked at before the job', () => {
  test.each([{ type: 'mirror', 'copy-mode': 'write-blocking' }, { type: 'commit' }])(
    'block-job-change with %j is well-formed',
    (args) => {
      expect(wellFormed('block-job-change', { id: 'j0', ...args })).toBe(true);
    },
  );

  test.each([
    { type: 'mirror' },
    { type: 'mirror', 'copy-mode': 'fast' },
    { type: 'commit', 'copy-mode': 'background' },
    { type: 'zebra', 'copy-mode': 'background' },
    { type: 1 },
    {},
  ])('block-job-change with %j is not', (args) => {
    expect(wellFormed('block-job-change', { id: 'j0', ...args } as Record<string, Json>)).toBe(false);
  });
});

type Given = {
  status: StatusOrAbsent;
  world: World;
  args: Record<string, never> | object;
  version: string;
  type?: string;
};

function expectedOf(command: string, { type = 'mirror', args, ...given }: Given): Expected[] {
  const known = jobCommands[command];
  if (!known) throw new Error(`no job command: ${command}`);
  return known.verb.expect({ id: 'j0', type, spelling: known.spelling, args: { ...args }, ...given });
}

/** The expectation in words, with the job's id as ID. */
function said(expected: readonly Expected[]): string {
  return expected
    .map((each) =>
      'ok' in each ? 'success' : `${each.error}${each.desc === undefined ? '' : `: ${each.desc}`}`,
    )
    .join(' or ')
    .replaceAll("'j0'", 'ID')
    .replaceAll(/(state|verb) '([\w-]+)'/g, '$1 $2');
}
