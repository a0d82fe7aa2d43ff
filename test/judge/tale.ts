import type { Setting } from './story.ts';

/** A story and the ruling on it: the one rule that it breaks (and `also` those that must come with it), or none. */
export type Tale = {
  rule: string;
  /** What happens, in a sentence. */
  says: string;
  breaks: boolean;
  also?: readonly string[];
  story: string;
  setting?: Setting;
};

/** Tales about one rule: those in which it is broken, and those in which it nearly is. */
export function about(
  rule: string,
  told: {
    broken: Record<string, string | Told>;
    kept: Record<string, string | Told>;
  },
): Tale[] {
  return [...tales(rule, true, told.broken), ...tales(rule, false, told.kept)];
}

export type Told = { story: string; also?: readonly string[] } & Setting;

function tales(rule: string, breaks: boolean, told: Record<string, string | Told>): Tale[] {
  return Object.entries(told).map(([says, what]) => {
    if (typeof what === 'string') return { rule, says, breaks, story: what };
    const { story, also, ...setting } = what;
    return { rule, says, breaks, story, setting, ...(also ? { also } : {}) };
  });
}
