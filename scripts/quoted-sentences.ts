// Keeps what the rules quote of QEMU's documentation, with the paragraph round it, in test/judge/quoted-sentences.json:
// node scripts/quoted-sentences.ts SOURCE. SOURCE is QEMU's source tree, as "apt-get source qemu" of Debian 13
// unpacks it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../src/judge/judge.ts';
import { quoteOf } from '../src/judge/quote.ts';
import { type Passage, passagesOf } from './passages.ts';

const [tree] = process.argv.slice(2);
if (tree === undefined) throw new Error('node scripts/quoted-sentences.ts SOURCE');
const version = readFileSync(join(tree, 'VERSION'), 'utf8').trim();
const quotes = rules.flatMap(({ source }) => quoteOf(source) ?? []);
const files = [...new Set(quotes.map(({ file }) => file))].sort();
const passages = files
  .flatMap((file) => passagesOf(file, readFileSync(join(tree, file), 'utf8')))
  .filter(({ file, text, section }) =>
    quotes.some(
      (quote) => quote.file === file && section.startsWith(quote.about) && text.includes(quote.sentence),
    ),
  );
for (const { file, about, sentence } of quotes)
  if (!passages.some(({ text }) => text.includes(sentence)))
    console.error(`${file}, ${about} does not say: ${sentence}`);

const licence =
  'Of QEMU, Copyright its authors; GNU General Public License, version 2 or later (QEMU: LICENSE).';
const byPlace = (a: Passage, b: Passage): number => files.indexOf(a.file) - files.indexOf(b.file);
const kept = { qemu: version, licence, passages: passages.sort(byPlace) };
writeFileSync('test/judge/quoted-sentences.json', `${JSON.stringify(kept, null, 2)}\n`);
console.log(`${passages.length} passages of QEMU ${version} for ${quotes.length} quotes`);
