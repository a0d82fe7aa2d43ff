import type { StatusOrAbsent } from '../../model/job-machine.ts';
import type { Json } from '../../sequence/step.ts';

/**
 * What it is about a command that makes an answer due. Names of nodes, jobs and the like are the sequence's choice, and
 * so are numbers; `is`, `member`, `kind` and the statuses tell one defect from another.
 */
export type Reason =
  /** The command is of no interest: any of these is answered so. */
  | { is: 'only asks' | 'no command' | 'out of band' | 'abort' }
  | { is: 'nothing made inactive' }
  | { is: 'server runs' | 'server stopped' | 'no NBD server' | 'no bitmap name' | 'own source' }
  /** Arguments by themselves. */
  | { is: 'argument'; member: string; value: Json }
  | { is: 'sync without bitmap'; sync: string }
  | { is: 'conflict'; given: readonly string[]; lacks: readonly string[] }
  | { is: 'misfit'; path: string; problem: string; text: string }
  | { is: 'dialect misfit'; class: string; desc: string }
  /** A job by its id. */
  | { is: 'job'; id: string; type: string | undefined; statuses: readonly StatusOrAbsent[] }
  | { is: 'unknown job' | 'ill-formed id'; id: string }
  | { is: 'id of a live job'; id: string }
  | { is: 'client connected'; id: string }
  | { is: 'change of'; type: string; id: string }
  | { is: 'reopen'; device: string; end: string | undefined }
  /** What is there, or is not. `member`: the argument that names it. */
  | { is: 'never made'; member: string; name: string }
  | { is: 'gone'; member: string; name: string }
  | { is: 'absent'; what: 'node' | 'node for it' | 'overlay' | 'export'; name: string }
  | { is: 'present'; what: 'node' | 'export'; name: string }
  | { is: 'taken'; what: 'id' | 'export name' | 'filter name'; name: string }
  | { is: 'free name' | 'name taken'; node: string }
  /** Nodes, and what has to do with them. */
  | { is: 'read-only target'; node: string }
  | { is: 'read-only, to be written'; node: string }
  | { is: 'held'; member: string; node: string; type: string; job: string }
  | { is: 'below'; member: string; node: string; above: string }
  | { is: 'below active'; node: string; above: string }
  | { is: 'inactive'; member: string; node: string }
  | {
      is: 'used';
      what: 'node' | 'overlay';
      node: string;
      by: 'node' | 'export' | 'drive' | 'device' | 'job';
      user: string;
    }
  | { is: 'not its own root' | 'unused' | 'not held'; node: string }
  | { is: 'overlay with backing'; node: string }
  | { is: 'overlay of driver'; node: string; driver: string }
  | { is: 'bitmap there' | 'bitmap absent'; bitmap: string; node: string }
  | { is: 'bitmap of job'; bitmap: string; node: string; job: string }
  | { is: 'sizes differ'; fromBytes: number; toBytes: number }
  | { is: 'no backing file'; node: string }
  | { is: 'off chain'; member: string; name: string; device: string }
  | { is: 'upwards'; from: string; to: string }
  | { is: 'free target'; node: string; target: string }
  | { is: 'grouped action'; action: string }
  /** One action of a transaction; `rule`: the one that says what is wrong with it. */
  | { is: 'action'; action: string; why: Reason; rule?: string };

/** As it stands behind a command's name. */
export function reasonWords(why: Reason): string {
  switch (why.is) {
    case 'only asks':
      return 'only asks';
    case 'no command':
      return 'is no command here';
    case 'out of band':
      return 'out of band';
    case 'abort':
      return 'with the action abort';
    case 'nothing made inactive':
      return 'after cont, with nothing made inactive';
    case 'server runs':
      return 'while it runs';
    case 'server stopped':
      return 'while there is none';
    case 'no NBD server':
      return 'without an NBD server';
    case 'no bitmap name':
      return 'without a name';
    case 'own source':
      return 'onto its own source';
    case 'argument':
      return `with ${why.member} ${plainValue(why)}`;
    case 'sync without bitmap':
      return `with sync ${why.sync} and no bitmap`;
    case 'conflict':
      return conflictWords(why);
    case 'misfit':
      return `with ${why.path}: ${why.text}`;
    case 'dialect misfit':
      return `(${why.desc})`;
    case 'job':
      return `on job ${why.id} (${why.statuses.join(' or ')})`;
    case 'unknown job':
      return `of unknown job ${JSON.stringify(why.id)}`;
    case 'ill-formed id':
      return `under the id ${JSON.stringify(why.id)}`;
    case 'id of a live job':
      return `under the id ${why.id} of a live job`;
    case 'client connected':
      return `of ${why.id}, to which a client is connected`;
    case 'change of':
      return `of ${why.type} ${why.id}`;
    case 'reopen':
      return `of ${why.device} ${why.end === undefined ? "before its job's end" : `after ${why.end}`}`;
    case 'never made':
      return `with unknown ${why.member} ${JSON.stringify(why.name)}`;
    case 'gone':
      return `with ${why.member} ${JSON.stringify(why.name)}, which is not there`;
    case 'grouped action':
      return `grouped, with ${why.action}`;
    case 'action':
      return `with ${why.action} ${reasonWords(why.why)}${why.rule === undefined ? '' : ` (${why.rule})`}`;
    default:
      return graphWords(why);
  }
}

/** By their names alone, which are the defect: which values they had is the sequence's choice. */
const conflictWords = ({ given, lacks }: { given: readonly string[]; lacks: readonly string[] }): string =>
  `with ${given.join(' and ')}${lacks.length === 0 ? '' : ` but no ${lacks.join(' or ')}`}`;

/** A value that is no name: an id is quoted, since it may be anything. */
const plainValue = ({ member, value }: { member: string; value: Json }): string =>
  member === 'job-id' || typeof value !== 'string' ? JSON.stringify(value) : value;

type GraphReason = Extract<
  Reason,
  | { node: string }
  | { what: string }
  | { from: string }
  | { fromBytes: number }
  | { device: string; name: string }
>;

function graphWords(why: GraphReason): string {
  switch (why.is) {
    case 'absent':
      return `${things[why.what]}${why.name}, which is not there`;
    case 'present':
      return `${things[why.what]}${why.name}, which is there`;
    case 'taken':
      return takenWords(why);
    case 'free name':
      return `of ${why.node}, which is free`;
    case 'name taken':
      return `of node ${why.node}, which is there`;
    case 'read-only target':
      return `onto the read-only node ${why.node}`;
    case 'read-only, to be written':
      return `of the read-only node ${why.node}, and writable`;
    case 'held':
      return `with ${why.member} ${why.node}, a node of ${why.type} ${why.job}`;
    case 'below':
      return `with ${why.member} ${why.node}, which stands below ${why.above}`;
    case 'below active':
      return `of ${why.node}, which stands below the active ${why.above}`;
    case 'inactive':
      return `with the inactive ${why.member} ${why.node}`;
    case 'used':
      return `${things[why.what]}${why.node}, which ${why.by} ${why.user} uses`;
    case 'not its own root':
      return `of ${why.node}, which is not its own root`;
    case 'unused':
      return `of ${why.node}, which nothing uses`;
    case 'not held':
      return `of ${why.node}, which nothing holds`;
    case 'overlay with backing':
      return `with overlay ${why.node}, which has a backing file`;
    case 'overlay of driver':
      return `with overlay ${why.node}, whose driver is ${why.driver}`;
    case 'bitmap there':
      return `of ${why.bitmap}, which ${why.node} has`;
    case 'bitmap absent':
      return `of ${why.bitmap}, which ${why.node} has not`;
    case 'bitmap of job':
      return `of ${why.bitmap}, which job ${why.job} on ${why.node} has`;
    case 'sizes differ':
      return `of ${why.fromBytes} bytes onto ${why.toBytes}`;
    case 'no backing file':
      return `of ${why.node}, which has no backing file`;
    case 'off chain':
      return `with ${why.member} ${why.name}, which is not below ${why.device}`;
    case 'upwards':
      return `from ${why.from} up to ${why.to}`;
    case 'free target':
      return `of ${why.node} onto ${why.target}, which is free`;
    default:
      return why satisfies never;
  }
}

const things = { node: 'of ', 'node for it': 'to ', overlay: 'with overlay ', export: 'of export ' } as const;

function takenWords({ what, name }: Extract<Reason, { is: 'taken' }>): string {
  switch (what) {
    case 'id':
      return `under the id ${name}, which is taken`;
    case 'export name':
      return `called ${name}, as another is`;
    case 'filter name':
      return `with a filter ${name}, which is another node's name`;
    default:
      return what satisfies never;
  }
}

/** What tells one defect from another: neither names nor numbers, which are the sequence's choice. */
export function reasonSignature(why: Reason): string {
  switch (why.is) {
    case 'argument':
      return `${why.member} out of range`;
    case 'sync without bitmap':
      return `sync ${why.sync} without bitmap`;
    case 'conflict':
      return conflictWords(why);
    case 'misfit':
      return `${why.problem} ${why.path}`;
    case 'dialect misfit':
      return `misfit ${why.class}`;
    // Which statuses a job may have had is a matter of the race; one that it had for sure tells.
    case 'job':
      return `${why.type ?? 'job'}${why.statuses.length === 1 ? ` ${why.statuses[0]}` : ''}`;
    case 'reopen':
      return `reopen ${why.end === undefined ? 'before the end' : `after ${why.end}`}`;
    case 'never made':
    case 'gone':
    case 'below':
    case 'inactive':
    case 'off chain':
      return `${why.is} ${why.member}`;
    case 'held':
      return `${why.member} held by ${why.type}`;
    case 'absent':
    case 'present':
    case 'taken':
      return `${why.is} ${why.what}`;
    case 'used':
      return `${why.what} used by ${why.by}`;
    case 'overlay of driver':
      return `overlay of driver ${why.driver}`;
    case 'change of':
      return `${why.is} ${why.type}`;
    case 'grouped action':
      return `grouped ${why.action}`;
    case 'action':
      return `${why.action} ${reasonSignature(why.why)}`;
    default:
      return why.is;
  }
}
