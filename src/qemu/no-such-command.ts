/** A name that no QEMU has a command of. Sent to see it refused, so that its refusal says nothing of what a QEMU lacks. */
export const noSuchCommand = 'no-such-command';
