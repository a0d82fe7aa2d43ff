import { ask, type Translate } from '../translation.ts';

/** The same command, once its members are known to be those of that time. */
export const checked =
  (name: string): Translate =>
  (args) =>
    ask(name, args);
