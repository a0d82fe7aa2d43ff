import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The system's Chromium, by the names that distributions give it; undefined where there is none. */
export const chromium = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((dir) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(dir, name)))
    .find((file) => existsSync(file));
