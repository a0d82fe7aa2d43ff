// Writes every file of findings that is derived from the rest anew, in today's words: node scripts/renew-findings.ts [DIR] [ID…]

import { openFindings } from '../src/findings/store.ts';

const [dir = 'findings', ...ids] = process.argv.slice(2);
const store = openFindings(dir);
const { findings, complaints } = store.list();
for (const id of ids.length > 0 ? ids : findings.map((finding) => finding.id)) {
  const { title, impact, reach } = store.renew(id);
  console.log(`${id}  ${impact}, ${reach}: ${title}`);
}
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 2 : 0;
