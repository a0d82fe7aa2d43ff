import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { SequenceChange, Site } from '../change.ts';
import type { Pass } from '../pass.ts';

/**
 * Errors out of nowhere become what everybody may have: a node that is reopened as it is, a server that is killed, a file
 * system that is full. What blkdebug or a throttle did from the start is left out by the pass of the arena's members.
 */
export const ordinaryMeans: Pass = {
  name: 'ordinary means',
  sites: (sequence) => sequence.steps.flatMap((step, i) => sitesOf(step, i, sequence)),
};

function sitesOf(step: Step, i: number, { arena }: Sequence): Site[] {
  if (!('fault' in step) || step.fault !== 'inject') return [];
  const at = arena.disks.findIndex(({ name }) => name === step.disk);
  const disk = arena.disks[at];
  if (!disk) return [];
  const path = ['steps', i];
  return [
    [
      [{ path, to: reopened(disk) }],
      killedServer(disk, at, i),
      [{ path, to: { fault: 'fill', disk: disk.name } }],
    ],
  ];
}

/** As it is, whatever jobs have put above its backing image since. */
const reopened = ({ name, format, backing }: Disk): Json => ({
  qmp: 'blockdev-reopen',
  args: {
    options: [
      {
        driver: format,
        'node-name': name,
        file: `${name}-file`,
        ...(backing === undefined ? {} : { backing }),
      },
    ],
  },
});

const killedServer = ({ name }: Disk, at: number, i: number): SequenceChange => [
  { path: ['arena', 'disks', at, 'storage'], to: 'nbd' },
  { path: ['steps', i], to: { fault: 'server', disk: name, is: 'killed' } },
];
