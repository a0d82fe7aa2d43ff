import type { StatusOrAbsent } from '../../src/model/job-machine.ts';
import { freshWorld, type World } from '../../src/model/world.ts';

/** What QEMU was seen to answer; the texts are those of 5.2 to 11.1, ID stands for the job's id. */
export const answers = {
  OK: 'success',
  V: 'GenericError: Job ID in state STATUS cannot accept command verb VERB',
  P1: 'GenericError: Job is already paused',
  P2: "GenericError: Can't resume a job that was not paused",
  P3: 'GenericError: The block job for device ID is currently paused',
  S: "GenericError: Parameter 'speed' expects a non-negative value",
  /** Either success, or a refusal of a change that this job does not support. */
  C: 'success or GenericError',
  NF: 'GenericError: Job not found',
  /** On 5.2 a handler that waited may find the job null. */
  LATE: 'GenericError: Job ID in state null cannot accept command verb VERB',
  BNF: 'DeviceNotActive: Block job ID not found',
} as const;

export type Cell = keyof typeof answers;

/** The columns: a status as a user gets a job into it; `absent` is a job that is gone. */
export const columns: readonly { status: StatusOrAbsent; world: World }[] = [
  { status: 'running', world: freshWorld },
  { status: 'paused', world: { ...freshWorld, userPaused: true } },
  { status: 'ready', world: freshWorld },
  { status: 'standby', world: { ...freshWorld, userPaused: true } },
  { status: 'waiting', world: freshWorld },
  { status: 'pending', world: freshWorld },
  { status: 'concluded', world: freshWorld },
  { status: 'absent', world: freshWorld },
];

type Row = { command: string; args?: { force?: boolean; speed?: number }; cells: string; on5?: string };

/**
 * Every verb in every status, as tried on 5.2, 7.2, 10.0 and 11.1, in both programs, one fresh process each; `on5`
 * where 5.2 differs.
 */
export const verbTable: readonly Row[] = [
  //                               running paused ready standby waiting pending concluded absent
  { command: 'job-pause', cells: '      OK     P1    OK     P1     V       V       V       NF' },
  { command: 'job-resume', cells: '     P2     OK    P2     OK     P2      P2      P2      NF' },
  { command: 'job-cancel', cells: '     OK     OK    OK     OK     OK      OK      V       NF' },
  {
    command: 'job-complete',
    cells: '                            V      V     OK     OK     V       V       V       NF',
    on5: '                              V      V     OK     V      V       V       V       NF',
  },
  { command: 'job-finalize', cells: '   V      V     V      V      V       OK      V       NF' },
  { command: 'job-dismiss', cells: '    V      V     V      V      V       V       OK      NF' },
  { command: 'block-job-cancel', cells: 'OK    P3    OK     P3     OK      OK      V       BNF' },
  {
    command: 'block-job-cancel',
    args: { force: true },
    cells: '                            OK     OK    OK     OK     OK      OK      V       BNF',
  },
  {
    command: 'block-job-set-speed',
    args: { speed: 0 },
    cells: '                            OK     OK    OK     OK     V       V       V       BNF',
  },
  {
    command: 'block-job-set-speed',
    args: { speed: -1 },
    cells: '                            S      S     S      S      V       V       V       BNF',
  },
  { command: 'block-job-change', cells: 'C     C     C      C      V       V       V       BNF' },
  // Twins of the job-* commands, but for the class of not found.
  { command: 'block-job-pause', cells: ' OK    P1    OK     P1     V       V       V       BNF' },
  { command: 'block-job-resume', cells: 'P2    OK    P2     OK     P2      P2      P2      BNF' },
  {
    command: 'block-job-complete',
    cells: '                            V      V     OK     OK     V       V       V       BNF',
    on5: '                              V      V     OK     V      V       V       V       BNF',
  },
  { command: 'block-job-finalize', cells: ' V   V     V      V      V       OK      V       BNF' },
  { command: 'block-job-dismiss', cells: '  V   V     V      V      V       V       OK      BNF' },
];
