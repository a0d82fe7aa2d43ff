import type { Section } from './section.ts';

/** What was left out or made ordinary, one thing at a time, and how often it showed then. */
export const ablation: Section = () => undefined;
