/** As QEMU's iotests have it: a pointer that is read from memory which was freed leads nowhere. One value, so that sessions are shared. */
export const mallocPerturb = 165;
