import { expect, test } from 'vitest';
import {
  archiveMirror,
  parseSources,
  pickMirror,
  sourcesList,
  standardMirror,
} from '../../../src/target/install/mirrors.ts';
import { parseSuite } from '../../../src/target/install/suite.ts';

const stanzas = `Types: deb deb-src
# a comment
URIs: https://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://mirror.test/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: https://off.test/debian
Suites: sid
`;

test('the mirrors of deb822 sources are used, for packages and for security', () => {
  expect(pickMirror(parseSources('debian.sources', stanzas))).toEqual({
    main: 'https://mirror.test/debian',
    security: 'https://mirror.test/debian-security',
  });
});

test('one-line sources are read with their options, and a disc is passed over', () => {
  const text = `deb cdrom:[Debian]/ trixie main
# deb http://commented.test/debian trixie main
deb [arch=amd64 signed-by=/k.gpg] http://one.test/debian trixie main contrib
deb-src http://src.test/debian trixie main
deb http://sec.test/debian-security trixie-security main
`;
  expect(pickMirror(parseSources('sources.list', text))).toEqual({
    main: 'http://one.test/debian',
    security: 'http://sec.test/debian-security',
  });
});

test("a third party's or Ubuntu's sources are no mirror of Debian", () => {
  const text =
    'deb http://archive.ubuntu.test/ubuntu noble main\ndeb https://packages.test/apt cloud-sdk-bookworm main\n';
  expect(pickMirror(parseSources('sources.list', text))).toEqual(standardMirror);
});

test('a disabled stanza does not count', () => {
  expect(pickMirror(parseSources('x.sources', stanzas.slice(stanzas.indexOf('Enabled'))))).toEqual(
    standardMirror,
  );
});

test('every source names the keyring it must be signed with', () => {
  const lines = sourcesList(parseSuite('trixie'), standardMirror, '/k.gpg', true).trim().split('\n');
  expect(lines).toEqual([
    'deb [signed-by=/k.gpg] http://deb.debian.org/debian trixie main',
    'deb [signed-by=/k.gpg] http://deb.debian.org/debian-security trixie-security main',
  ]);
});

test("the archive's signatures may be old, but must be there", () => {
  const list = sourcesList(parseSuite('bullseye'), archiveMirror, '/k.gpg', false);
  expect(list).toContain('signed-by=/k.gpg check-valid-until=no');
  expect(list).not.toContain('trusted');
});
