import { resolve } from 'node:path';

/** The program as users start it. */
export const binary = resolve(import.meta.dirname, '../../bin/mirrorfuzz');
