/**
 * QEMU's documentation of every job, bitmap and export command, sentence by sentence, and which rule decides it:
 *   node scripts/documented.ts [SOURCE]
 * Writes the table at the end of docs/rules.md from test/judge/documented.json. With SOURCE, QEMU's source tree as for
 * quoted-sentences.ts, it takes the sentences from there first: those that were there keep their decision, new ones have
 * none, and a test fails until they have.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { passagesOf } from './passages.ts';

/** `rules`: those that decide it, with spaces between; else `none`: why there is no such rule. */
export type Documented = { section: string; sentence: string; rules?: string; none?: string };
export type DocumentedFile = { qemu: string; licence: string; sentences: Documented[] };

const dataFile = 'test/judge/documented.json';
const page = 'docs/rules.md';
const heading = '## What the documentation says, and which rule decides it';

/** The end of the page. */
export function tableOf({ qemu, sentences }: DocumentedFile): string {
  const bySection = Map.groupBy(sentences, ({ section }) => section);
  const decided = sentences.filter(({ rules }) => rules).length;
  return [
    heading,
    '',
    `Every sentence of QEMU ${qemu}'s QAPI documentation about jobs, bitmaps and exports; ${decided} of ${sentences.length} are decided by a rule.`,
    'Made by `scripts/documented.ts` of `test/judge/documented.json`; a test fails where a sentence has no decision.',
    ...[...bySection].flatMap(([section, said]) => [
      '',
      `**${section}**`,
      '',
      '| sentence | rule |',
      '| --- | --- |',
      ...said.map((each) => `| ${cell(each.sentence)} | ${verdict(each)} |`),
    ]),
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<');
const verdict = ({ rules, none = '' }: Documented): string =>
  rules ? rules.replaceAll(/\S+/g, '`$&`').replaceAll(' ', ', ') : `none: ${none}`;

/** The page with its end made anew. */
export function withTable(text: string, file: DocumentedFile): string {
  const at = text.indexOf(heading);
  return `${(at === -1 ? text : text.slice(0, at)).trimEnd()}\n\n${tableOf(file)}`;
}

/** The sentences of a paragraph. */
export const sentencesOf = (text: string): string[] =>
  isNoSentence.test(text)
    ? []
    : text
        .split(/(?<=\.)\s+(?=[A-Z@`'])/)
        .map((part) => part.trim())
        .filter((part) => part.length > 3 && !/^\(?Since:?/i.test(part));

/** What the documentation says of `wanted`, each sentence once, under the first entity that says it. */
function sentencesIn(tree: string): Documented[] {
  const found = new Map<string, Documented>();
  for (const file of ['qapi/job.json', 'qapi/block-core.json', 'qapi/block-export.json'])
    for (const { section, text } of passagesOf(file, readFileSync(join(tree, file), 'utf8'))) {
      if (!isWanted(section)) continue;
      for (const sentence of sentencesOf(text))
        if (!found.has(sentence)) found.set(sentence, { section, sentence });
    }
  return [...found.values()];
}

/** Jobs, their verbs and events, bitmaps, exports. */
export const isWanted = (section: string): boolean => wanted.test(section);
const wanted =
  /^(block-stream|block-commit|blockdev-create|(drive|blockdev)-(backup|mirror)|BackupCommon|DriveBackup|BlockdevBackup|DriveMirror|job-(pause|resume|cancel|complete|dismiss|finalize)|block-job-[a-z-]+|BlockJobChangeOptions(Mirror)?|block-dirty-bitmap-[a-z]+|BlockDirtyBitmap(Add|Merge|OrStr)?|block-export-(add|del)|nbd-server-(start|stop|add|remove)|BlockExportOptions(Nbd|NbdBase)?|BlockExportRemoveMode|BLOCK_EXPORT_DELETED|BLOCK_JOB_[A-Z]+|JOB_STATUS_CHANGE|BlockdevOnError|MirrorSyncMode|MirrorCopyMode|BitmapSyncMode)$/;

/** Examples, and headings of lists. */
const isNoSentence = /^(Since|Errors|Returns|Features|TODO|\.\. |[<>{}-])|"execute"|"event"/;

if (import.meta.main) {
  const [tree] = process.argv.slice(2);
  let file = JSON.parse(readFileSync(dataFile, 'utf8')) as DocumentedFile;
  if (tree !== undefined) {
    const before = new Map(file.sentences.map((each) => [each.sentence, each]));
    const sentences = sentencesIn(tree).map((each) => ({ ...before.get(each.sentence), ...each }));
    file = { ...file, qemu: readFileSync(join(tree, 'VERSION'), 'utf8').trim(), sentences };
    writeFileSync(dataFile, `${JSON.stringify(file, null, 2)}\n`);
  }
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), file));
  const open = file.sentences.filter(({ rules, none }) => !rules && !none);
  console.log(`${file.sentences.length} sentences, ${open.length} without a decision`);
}
