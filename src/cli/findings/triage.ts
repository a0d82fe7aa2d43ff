import type { CommandModule } from 'yargs';
import { UsageError } from '../../errors.ts';
import { type Note, type Status, statuses } from '../../findings/finding.ts';
import { openFindings } from '../../findings/store.ts';
import { titleCharsMax } from '../../findings/title/title.ts';
import { once } from '../options.ts';
import { idArgument, storeOption } from './options.ts';

type Args = {
  id: string;
  findings: string;
  status: Status | undefined;
  title: string | undefined;
  note: string | undefined;
  'shown-by': string[] | undefined;
  link: string | undefined;
  'fixed-in': string | undefined;
};

export const triageCommand: CommandModule<object, Args> = {
  command: 'triage <id>',
  describe: 'say what is known of a finding: its status, its title, its cause',
  builder: (yargs) =>
    storeOption(idArgument(yargs))
      .option('status', {
        choices: statuses,
        requiresArg: true,
        coerce: once<Status>('status'),
        describe: 'its new status',
      })
      .option('title', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('title'),
        describe: `a title in your own words, at most ${titleCharsMax} characters; it stays when the finding is met again`,
      })
      .option('note', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('note'),
        describe: 'the cause; replaces the earlier note, and counts as a guess without --shown-by',
      })
      .option('shown-by', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe:
          'what shows that the note is right: a decisive row of the ablation, or gdb or valgrind, whose stack is stored',
      })
      .option('link', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('link'),
        describe: 'where it is reported or fixed; added to the earlier links',
      })
      .option('fixed-in', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('fixed-in'),
        describe: 'of status fixed: the first version that does not show it any more',
      })
      .example('$0 findings triage 3f2a --status known --link URL', 'later hunts report it as known')
      .example('$0 findings triage 3f2a --note "frees s->bitmap before the drain"', 'a guess at the cause'),
  handler({ id, findings, ...given }) {
    const finding = openFindings(findings).triage(id, triageOf(given));
    process.stdout.write(`${finding.id}: ${finding.status}\n`);
  },
};

function triageOf({
  status,
  title,
  note,
  link,
  'shown-by': by,
  'fixed-in': fixedIn,
}: Omit<Args, 'id' | 'findings'>) {
  if (by !== undefined && note === undefined)
    throw new UsageError('--shown-by is about a note', 'give --note, too');
  if (fixedIn !== undefined && status !== 'fixed')
    throw new UsageError(`--fixed-in ${fixedIn}: is for --status fixed`, '--status fixed');
  if ([status, title, note, link].every((each) => each === undefined))
    throw new UsageError('nothing to set', 'give --status, --title, --note or --link');
  if (title !== undefined && (title.trim() === '' || [...title].length > titleCharsMax))
    throw new UsageError(`--title takes 1 to ${titleCharsMax} characters, this one has ${[...title].length}`);
  return {
    ...(status === undefined ? {} : { status }),
    ...(title === undefined ? {} : { title }),
    ...(note === undefined ? {} : { note: noteOf(note, by) }),
    ...(link === undefined ? {} : { link }),
    ...(fixedIn === undefined ? {} : { fixedIn }),
  };
}

const noteOf = (text: string, by: string[] | undefined): Note =>
  by === undefined ? { text, is: 'guess' } : { text, is: 'verified', by };
