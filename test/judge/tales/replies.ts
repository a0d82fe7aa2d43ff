import { about, type Tale } from '../tale.ts';

const runningBackup = `
      > backup a0
      ! a0 created running
      < ok`;
const runningMirror = `
  > mirror j0 speed=1
  ! j0 created running
  < ok`;
const readyMirror = `
  > mirror j0
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;
/** The node that the target is to take the place of is still there. */
const replacingMirror = `
  > mirror j0 device=q replaces=child
  ! j0 created running
  < ok
  ! j0 ready
  ! READY j0 100/100`;
const standbyMirror = `${readyMirror}
  > job-pause j0
  ! j0 standby
  < ok`;

const goneBackup = `
  > backup j0
  ! j0 created running
  < ok
  ! j0 waiting pending
  ! COMPLETED j0 100/100
  ! j0 concluded null`;

/** Replies to verbs: right for some status that the job had while the command was handled. */
export const replyTales: readonly Tale[] = [
  ...about('state/verb-reply', {
    broken: {
      'a running job is not paused, says pause, but nobody paused it': `${runningMirror}
      > job-pause j0
      < GenericError: Job is already paused`,
      'a second pause is accepted': `${runningMirror}
      > job-pause j0
      ! j0 paused
      < ok
      > job-pause j0
      < ok`,
      'resume is accepted after a drain that no user asked for': `
      > backup j0 speed=1
      ! j0 created running paused running
      < ok
      > job-resume j0
      < ok`,
      'a soft cancel is accepted while the user has paused the job': `${runningMirror}
      > job-pause j0
      ! j0 paused
      < ok
      > block-job-cancel j0
      < ok`,
      'complete is accepted before the job is ready': `${runningMirror}
      > job-complete j0
      < ok`,
      'complete is refused though the job is ready': `${readyMirror}
      > job-complete j0
      < GenericError: The active block job 'j0' cannot be completed`,
      'complete does not find the node to be replaced, which nobody deleted': `${replacingMirror}
      > job-complete j0
      < GenericError: Node name 'child' not found`,
      'complete does not find it, but another node was deleted': `${replacingMirror}
      > blockdev-del node-name=other
      < ok
      > job-complete j0
      < GenericError: Node name 'child' not found`,
      'complete does not find it, though its deletion was refused': `${replacingMirror}
      > blockdev-del node-name=child
      < GenericError: Node child is in use
      > job-complete j0
      < GenericError: Node name 'child' not found`,
      'complete is refused for another reason where the node to be replaced is gone': `${replacingMirror}
      > blockdev-del node-name=child
      < ok
      > job-complete j0
      < GenericError: The active block job 'j0' cannot be completed`,
      'the refusal names a status that the job has not had': `${runningMirror}
      > job-complete j0
      < GenericError: Job 'j0' in state 'pending' cannot accept command verb 'complete'`,
      'a live job is not found': `${runningMirror}
      > block-job-set-speed j0 speed=0
      < DeviceNotActive: Block job 'j0' not found`,
      'a job that is gone is paused': `${goneBackup}
      > job-pause j0
      < ok`,
      'a job that is gone is not found, but of the wrong class': `${goneBackup}
      > block-job-pause j0
      < GenericError: Block job 'j0' not found`,
      'a concluded job is cancelled': `
      > backup j0 auto-dismiss=false
      ! j0 created running
      < ok
      ! j0 waiting pending
      ! COMPLETED j0 100/100
      ! j0 concluded
      > job-cancel j0
      < ok`,
      'a running job is dismissed': `${runningMirror}
      > job-dismiss j0
      < ok`,
      'a running job is finalized': `${runningMirror}
      > job-finalize j0
      < ok`,
      'a negative speed is accepted': {
        also: [],
        story: `${runningMirror}
      > block-job-set-speed j0 speed=-1
      < ok`,
      },
      'a job that an error stopped is cancelled softly': `
      > mirror j0 on-source-error=stop
      ! j0 created running
      < ok
      ! ERROR j0 read stop
      ! j0 paused
      > block-job-cancel j0
      < ok`,
      '7.2 refuses complete on standby': `${standbyMirror}
      > job-complete j0
      < GenericError: Job 'j0' in state 'standby' cannot accept command verb 'complete'`,
      '5.2 accepts complete on standby': {
        version: '5.2.0',
        story: `${standbyMirror}
      > job-complete j0
      < ok`,
      },
      'the answers to two pauses and a resume fit no past': `${runningMirror}
      > job-pause j0
      ! j0 paused
      < ok
      > job-resume j0
      < GenericError: Can't resume a job that was not paused`,
      'a job of blockdev-create is a block job': `
      > blockdev-create job-id=c0
      ! c0 created running waiting pending concluded
      < ok
      > block-job-dismiss c0
      < ok`,
      'a job of blockdev-create that nobody paused is resumed': `
      > blockdev-create job-id=c0
      ! c0 created running waiting pending concluded
      < ok
      > job-resume c0
      < ok`,
      'a job of x-blockdev-amend is a block job': `
      > x-blockdev-amend job-id=a0
      ! a0 created running waiting pending concluded
      < ok
      > block-job-dismiss a0
      < ok`,
    },
    kept: {
      'a job that never was is none of its business': `
      > job-pause j9
      < ok`,
      'the job gets ready between complete and its reply': `
      > mirror j0
      ! j0 created running
      < ok
      > job-complete j0
      ! j0 ready
      ! READY j0 100/100
      < ok`,
      'the job gets ready between complete and its refusal': `
      > mirror j0
      ! j0 created running
      < ok
      > job-complete j0
      ! j0 ready
      ! READY j0 100/100
      < GenericError: Job 'j0' in state 'running' cannot accept command verb 'complete'`,
      'the job ends while pause is on its way': `
      > backup j0
      ! j0 created running
      < ok
      > job-pause j0
      ! j0 waiting pending
      ! COMPLETED j0 100/100
      ! j0 concluded null
      < GenericError: Job not found`,
      'a drain shows paused, and resume is refused': `
      > backup j0 speed=1
      ! j0 created running paused
      < ok
      > job-resume j0
      < GenericError: Can't resume a job that was not paused`,
      'an error stops the job while pause is handled': `
      > mirror j0 on-source-error=stop
      ! j0 created running
      < ok
      > job-pause j0
      ! ERROR j0 read stop
      ! j0 paused
      < GenericError: Job is already paused`,
      'an error stops the job right behind an accepted pause': `
      > mirror j0 on-source-error=stop
      ! j0 created running
      < ok
      > job-pause j0
      ! ERROR j0 read stop
      ! j0 paused
      < ok`,
      'a forced cancel takes the pause back': `${runningMirror}
      > job-pause j0
      ! j0 paused
      < ok
      > job-cancel j0
      ! j0 running
      < ok
      > job-resume j0
      < GenericError: Can't resume a job that was not paused`,
      '7.2 accepts complete on standby': `${standbyMirror}
      > job-complete j0
      < ok`,
      '5.2 refuses complete on standby': {
        version: '5.2.0',
        story: `${standbyMirror}
      > job-complete j0
      < GenericError: Job 'j0' in state 'standby' cannot accept command verb 'complete'`,
      },
      '5.2 says already paused while the job still sleeps off its rate limit': {
        version: '5.2.0',
        story: `${runningMirror}
      > job-pause j0
      < ok
      > job-pause j0
      < GenericError: Job is already paused
      > job-resume j0
      < ok`,
      },
      'complete after a soft cancel is refused': `${readyMirror}
      > block-job-cancel j0
      < ok
      > job-complete j0
      < GenericError: The active block job 'j0' cannot be completed`,
      'complete does not find the node to be replaced, which is deleted': `${replacingMirror}
      > blockdev-del node-name=child
      < ok
      > job-complete j0
      < GenericError: Node name 'child' not found
      > job-cancel j0
      < ok`,
      'a soft cancel after complete is accepted': `${readyMirror}
      > job-complete j0
      < ok
      > block-job-cancel j0
      < ok`,
      'the dismissed job is dismissed again': `
      > backup j0 auto-dismiss=false
      ! j0 created running
      < ok
      ! j0 waiting pending
      ! COMPLETED j0 100/100
      ! j0 concluded
      > job-dismiss j0
      ! j0 null
      < ok
      > job-dismiss j0
      < GenericError: Job not found`,
      'two commands in one packet: the second finds what the first left': `
      > backup j0 speed=1
      ! j0 created running
      < ok
      > job-cancel j0
      > job-cancel j0
      ! j0 aborting
      ! CANCELLED j0 1/100 speed=1
      ! j0 concluded null
      < ok
      < GenericError: Job not found`,
      'a job of blockdev-create is told that it was not paused, before its status is looked at': `
      > blockdev-create job-id=c0
      ! c0 created running waiting pending concluded
      < ok
      > job-resume c0
      < GenericError: Can't resume a job that was not paused
      > block-job-resume c0
      < DeviceNotActive: Block job 'c0' not found`,
      'a job of x-blockdev-amend is none of the block jobs': `
      > x-blockdev-amend job-id=a0
      ! a0 created running waiting pending concluded
      < ok
      > block-job-dismiss a0
      < DeviceNotActive: Block job 'a0' not found
      > job-dismiss a0
      ! a0 null
      < ok`,
      'a job that nobody was seen to start may be none of the block jobs': `
      ! x0 created running waiting pending concluded
      > block-job-dismiss x0
      < DeviceNotActive: Block job 'x0' not found`,
      'a verb is sent out of band': `${runningMirror}
      > job-pause j0 oob=true
      < GenericError: The command job-pause does not support OOB`,
      'a change with a type that is none is refused before the job is looked up': `${goneBackup}
      > block-job-change j0 type=zebra copy-mode=background
      < GenericError: Parameter 'type' does not accept value 'zebra'`,
      'this QEMU has no block-job-change': `${runningMirror}
      > block-job-change j0 type=mirror copy-mode=background
      < CommandNotFound: The command block-job-change has not been found`,
      'raw bytes may have paused the job': `${runningMirror}
      ~ raw-sent text="x" sizeBytes=1
      > job-pause j0
      < GenericError: Job is already paused`,
    },
  }),
  ...about('state/no-change-back', {
    broken: {
      'a mirror goes back to the background': {
        story: `${runningMirror}
        > block-job-change id=j0 type=mirror copy-mode=write-blocking
        < ok
        > block-job-change id=j0 type=mirror copy-mode=background
        < ok`,
        version: '10.0.13',
      },
      'it was write-blocking from the start': {
        story: `
        > mirror j0 copy-mode=write-blocking
        ! j0 created running
        < ok
        > block-job-change id=j0 type=mirror copy-mode=background
        < ok`,
        version: '10.0.13',
      },
    },
    kept: {
      'it is one already': {
        story: `${runningMirror}
        > block-job-change id=j0 type=mirror copy-mode=background
        < ok`,
        version: '10.0.13',
      },
      'it was refused before': {
        story: `${runningMirror}
        > block-job-change id=j0 type=mirror copy-mode=write-blocking
        < GenericError: Change to copy mode 'background' is not implemented
        > block-job-change id=j0 type=mirror copy-mode=background
        < ok`,
        version: '10.0.13',
      },
      'it is refused': {
        story: `${runningMirror}
        > block-job-change id=j0 type=mirror copy-mode=write-blocking
        < ok
        > block-job-change id=j0 type=mirror copy-mode=background
        < GenericError: Change to copy mode 'background' is not implemented`,
        version: '10.0.13',
      },
    },
  }),
  ...about('state/no-change-of-others', {
    broken: {
      'a backup is changed': {
        story: `${runningBackup}
        > block-job-change id=a0 type=mirror copy-mode=write-blocking
        < ok`,
        version: '10.0.13',
      },
    },
    kept: {
      'it takes none': {
        story: `${runningBackup}
        > block-job-change id=a0 type=mirror copy-mode=write-blocking
        < GenericError: Job type does not support change`,
        version: '10.0.13',
      },
      'a mirror is changed': {
        story: `${runningMirror}
        > block-job-change id=j0 type=mirror copy-mode=write-blocking
        < ok`,
        version: '10.0.13',
      },
    },
  }),
];
