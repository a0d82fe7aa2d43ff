import { about, type Tale } from '../tale.ts';
import { backup, no, pair, running, yes } from './stories.ts';

const transaction = (...actions: [string, object][]): string =>
  `\n> transaction actions=${JSON.stringify(actions.map(([type, data]) => ({ type, data })))}`;
const add = (name: string, more = {}): [string, object] => [
  'block-dirty-bitmap-add',
  { node: 'src', name, ...more },
];
const copy = (id: string, more = {}): [string, object] => [
  'blockdev-backup',
  { 'job-id': id, device: 'src', target: 'dst', sync: 'full', ...more },
];

/** Transactions: all of it, or nothing. */
export const transactionTales: readonly Tale[] = [
  ...about('graph/transaction-refused', {
    broken: {
      'the second action names no node': `${pair}
        ${transaction(add('b'), copy('j0', { target: 'nope' }))} ${yes}`,
      'a bitmap has an odd granularity': `${pair}
        ${transaction(add('b'), add('c', { granularity: 3 }))} ${yes}`,
      'a job of it has a negative speed': `${pair}
        ${transaction(copy('j0', { speed: -1 }))} ${yes}`,
      'a target of it is busy': `${pair}${running('j0', backup)}
        ${transaction(copy('j1', { device: 'dst', target: 'src' }))} ${yes}`,
      'two jobs of it have the same id': `${pair}
        ${transaction(copy('j0'), copy('j0', { target: 'x' }))} ${yes}`,
      'a grouped one adds a bitmap': `${pair}
        ${transaction(copy('j0'), add('b'))} properties={"completion-mode":"grouped"} ${yes}`,
      'it aborts itself': `${pair}
        ${transaction(['abort', {}])} ${yes}`,
    },
    kept: {
      'it is refused': `${pair}
        ${transaction(add('b'), copy('j0', { target: 'nope' }))} ${no}`,
      'a grouped one has backups only': `${pair}
        ${transaction(copy('j0'))} properties={"completion-mode":"grouped"}
        ! j0 created running ${yes}`,
      'each goes by itself': `${pair}
        ${transaction(copy('j0'), add('b'))} properties={"completion-mode":"individual"}
        ! j0 created running ${yes}`,
      'an action before has seen to it': `${pair}
        ${transaction(add('b'), ['block-dirty-bitmap-disable', { node: 'src', name: 'b' }])} ${yes}`,
    },
  }),
  ...about('graph/transaction-leaves-nothing', {
    broken: {
      'a job of a refused transaction is there': `${pair}
        ${transaction(copy('j0'), ['abort', {}])}
        ! j0 created running ${no}`,
    },
    kept: {
      'it is null before the error comes': `${pair}
        ${transaction(copy('j0'), ['abort', {}])}
        ! j0 created aborting concluded null ${no}`,
    },
  }),
];
