import { statSync, writeFileSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { EnvironmentError } from '../errors.ts';
import { pageAssets } from '../report/page/assets.ts';
import { pageHtml } from '../report/page/html.ts';
import { pagesOf } from '../report/page/page.ts';
import { readSource, readStore } from '../report/page/sources.ts';
import { pageText } from '../report/page/text.ts';
import { complain } from './complain.ts';
import { mustBeThere, storeOption } from './findings/options.ts';
import { printer, writableFile } from './options.ts';

type Args = { sources: string[] | undefined; findings: string; html: string | undefined };

export const reportCommand: CommandModule<object, Args> = {
  command: 'report [sources..]',
  describe: 'a hunt, a gate, a store, a finding or a trace: in short, or as one HTML page',
  builder: (yargs) =>
    storeOption(yargs)
      .positional('sources', {
        type: 'string',
        array: true,
        describe:
          'the --json of hunt, gate or run; a store; a finding, or its id; a trace. Without: the store',
      })
      .option('html', {
        type: 'string',
        requiresArg: true,
        coerce: writableFile('html'),
        describe: 'file to write the page to, which opens in any browser, without a network; - for stdout',
      })
      .example('$0 report --html findings.html', 'every finding of ./findings, with timelines')
      .example('$0 report hunt.json --html hunt.html', 'what `hunt --json hunt.json` did and found')
      .example('$0 report trace.jsonl --html trace.html', 'one run, as `run --traces DIR` keeps it')
      .epilogue('Exit codes: 0 also where there are findings, 2 where something can not be read.'),
  handler: report,
};

async function report({ sources = [], findings: store, html }: Args): Promise<void> {
  if (sources.length === 0) mustBeThere(store);
  const read = sources.length === 0 ? [readStore(store)] : sources.map((each) => readSource(each, store));
  const complaints = read.flatMap((source) => (source.is === 'store' ? source.complaints : []));
  const { pages, details } = pagesOf(read, store);
  if (html === undefined) {
    const print = printer(undefined);
    for (const page of pages) for (const line of pageText(page)) print(line);
  } else {
    write(
      html,
      pageHtml(
        pages,
        details.map((make) => make()),
        await pageAssets(),
      ),
    );
  }
  for (const each of complaints) complain(each);
  if (complaints.length > 0) process.exitCode = 2;
}

function write(file: string, text: string): void {
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new EnvironmentError(
      `can't write ${file}: ${(error as Error).message}`,
      'give --html another file',
    );
  }
  const { size } = statSync(file);
  printer(undefined)(`${file}: ${(size / 1000).toFixed(0)} kB`);
}
