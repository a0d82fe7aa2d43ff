import { renderSequence } from '../../sequence/render.ts';
import { commandLineOf } from '../repro/start.ts';
import { programs } from './affected.ts';
import { fenced } from './markdown.ts';
import type { Section } from './section.ts';

/** What was done, a sentence a step. */
export const story: Section = ({ finding, shown: { plan } }) =>
  [
    '## What was done',
    `${programs[plan.flavour]} is started as`,
    fenced([(finding.commandLine ?? commandLineOf(plan)).join(' ')]),
    'and this is done:',
    fenced(renderSequence(plan.sequence)),
  ].join('\n\n');
