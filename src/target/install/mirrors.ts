import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from './suite.ts';

/** Where a suite's packages come from: its archive, and the archive of its security updates. */
export type Mirror = { main: string; security: string };

export const standardMirror: Mirror = {
  main: 'http://deb.debian.org/debian',
  security: 'http://deb.debian.org/debian-security',
};

/** Releases that left the mirrors end up here. */
export const archiveMirror: Mirror = {
  main: 'http://archive.debian.org/debian',
  security: 'http://archive.debian.org/debian-security',
};

/** The mirrors this machine's own apt sources name, Debian's standard ones where they name none of Debian's. */
export function systemMirror(): Mirror {
  return pickMirror(readSources().flatMap(({ file, text }) => parseSources(file, text)));
}

type Source = { uri: string; suite: string };

/** Sources in either of apt's formats, `.list` with a source a line and `.sources` in deb822 stanzas. */
export function parseSources(file: string, text: string): Source[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  if (file.endsWith('.sources')) {
    return lines
      .join('\n')
      .split(/\n\s*\n/)
      .flatMap(parseStanza);
  }
  return lines.flatMap((line) => {
    const [, uri, suite] = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line.trim()) ?? [];
    return uri && suite ? [{ uri, suite }] : [];
  });
}

function parseStanza(stanza: string): Source[] {
  const field = (name: string) => {
    const value = new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '';
    return value.split(/\s+/).filter(Boolean);
  };
  if (!field('Types').includes('deb') || field('Enabled').includes('no')) return [];
  return field('URIs').flatMap((uri) => field('Suites').map((suite) => ({ uri, suite })));
}

/** Ubuntu's and third parties' sources carry other suites' names; a disc has no other release on it. */
export function pickMirror(sources: readonly Source[]): Mirror {
  const remote = sources.filter(({ uri }) => !uri.startsWith('cdrom:'));
  const main = remote.find(({ suite }) => debianSuites.test(suite));
  const security = remote.find(
    ({ suite }) => debianSuites.test(suite.replace(/-security$|\/updates$/, '')) && !debianSuites.test(suite),
  );
  return { main: main?.uri ?? standardMirror.main, security: security?.uri ?? standardMirror.security };
}

const debianSuites =
  /^(buster|bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)(-updates)?$/;

/** Each source names the keyring its index must be signed with, whatever the system trusts besides. */
export function sourcesList(suite: Suite, mirror: Mirror, keyring: string, withSecurity: boolean): string {
  // What is archived is no longer signed anew, so its signature's date must not count.
  const options = `[signed-by=${keyring}${mirror === archiveMirror ? ' check-valid-until=no' : ''}]`;
  const lines = [`deb ${options} ${mirror.main} ${suite.name} main`];
  if (withSecurity) lines.push(`deb ${options} ${mirror.security} ${suite.name}-security main`);
  return `${lines.join('\n')}\n`;
}

function readSources(): { file: string; text: string }[] {
  const parts = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...listed(parts).map((name) => join(parts, name))];
  return files.flatMap((file) => {
    try {
      return [{ file, text: readFileSync(file, 'utf8') }];
    } catch {
      return [];
    }
  });
}

function listed(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => /\.(list|sources)$/.test(name))
      .sort();
  } catch {
    return [];
  }
}
