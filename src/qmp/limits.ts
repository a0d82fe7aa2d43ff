/** QEMU's own lexer gives up on a token of 64 MiB; its largest real reply, the schema, is 0.2 MiB. */
export const maxLineBytes = 64 * 2 ** 20;

/** Enough of a foreign line to say in a report what it was; a trace of an endless line must stay small. */
export const foreignTextBytes = 2048;

/**
 * QEMU's parser takes 1024 levels and echoes an `id` of that depth inside its reply. Twice that is no QMP
 * message any more, and is kept from the code that walks values recursively.
 */
export const maxNestingLevels = 2048;

/** What a `raw` step may put on the wire. QEMU reads 30 to 400 kB/s: more than this takes minutes. */
export const maxRawBytes = 64 * 2 ** 20;

/** A line buffer grown beyond this is given back once its line is read. */
export const keptLineBufferBytes = 2 ** 20;
