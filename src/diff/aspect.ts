/**
 * One thing seen in a run that another run of the same sequence shows, too, or shows otherwise. `key` is where it
 * stands, the same in every run; `value` is what is compared.
 */
export type Aspect = {
  key: string;
  /** In which step it was seen; -1: before the first, `Infinity`: once the steps were over. */
  step: number;
  what: AspectKind;
  /** What it is about, without the sequence's names and numbers: `reply to blockdev-mirror`. */
  subject: string;
  value: string;
  /** Keys of what it is a part of. */
  within?: readonly string[];
  /** The model allows that reply, and others, too. */
  mayDiffer?: true;
};

/**
 * outcome: success, or the class of the error. words: an error's text. members: what a query returned, a path each.
 * events: of one job, in their order, and the first of each other kind. graph: what a settled session still had.
 */
export type AspectKind =
  | 'outcome'
  | 'words'
  | 'members'
  | 'events'
  | 'guest'
  | 'fault'
  | 'await'
  | 'graph'
  | 'image'
  | 'stderr'
  | 'process';

/** The outcome of a command with a member, or a value, that this QEMU's schema does not have. */
export const schemaLacksIt = 'GenericError: not in the schema';

/** The value of what is not there. */
export const nothing = 'nothing';

/** What it says of the same run as a whole: the rest of the run does not follow from it. */
export const isOnlySaid = (what: AspectKind): boolean =>
  what === 'words' || what === 'members' || what === 'stderr';
