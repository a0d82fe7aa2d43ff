// Writes docs/trophies.md, the table of all committed findings; --check says whether it is up to date: node scripts/trophies.ts [--check]

import { readFileSync, writeFileSync } from 'node:fs';
import { openFindings } from '../src/findings/store.ts';
import { trophies } from '../src/findings/trophies.ts';

const file = 'docs/trophies.md';
const { findings, complaints } = openFindings('findings').list();
for (const complaint of complaints) console.error(complaint);
const text = trophies(findings, (id) => `../findings/${id}/README.md`);
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error(`${file} is not what scripts/trophies.ts makes of findings/: run node scripts/trophies.ts`);
  process.exitCode = 1;
}
