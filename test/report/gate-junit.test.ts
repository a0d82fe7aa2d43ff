import { expect, test } from 'vitest';
import { create } from 'xmlbuilder2';
import { junitText } from '../../src/report/gate-junit.ts';
import { everyVerdict, outcomeOf } from './gate-example.ts';

/**
 * What Jenkins' xUnit plugin takes (junit-10), written down: which attributes and which children each element may have,
 * and which attributes it must. `*` is text.
 */
const allowed: Record<string, { attributes: string[]; required: string[]; children: string[] }> = {
  testsuites: {
    attributes: ['name', 'time', 'tests', 'failures', 'errors'],
    required: [],
    children: ['testsuite'],
  },
  testsuite: {
    attributes: [
      'name',
      'tests',
      'failures',
      'errors',
      'time',
      'skipped',
      'timestamp',
      'hostname',
      'id',
      'package',
    ],
    required: ['name', 'tests', 'failures', 'errors'],
    children: ['properties', 'testcase', 'system-out', 'system-err', 'testsuite'],
  },
  testcase: {
    attributes: ['name', 'time', 'classname', 'group'],
    required: ['name'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  failure: { attributes: ['type', 'message'], required: [], children: ['*'] },
  error: { attributes: ['type', 'message'], required: [], children: ['*'] },
  skipped: { attributes: ['type', 'message'], required: [], children: ['*'] },
  'system-out': { attributes: [], required: [], children: ['*'] },
};

/** Every breach of that, by element. */
function breaches(xml: string): string[] {
  const found: string[] = [];
  const root = create(xml).root().node as unknown as Element;
  look(root);
  return found;

  function look(node: Element): void {
    const rules = allowed[node.nodeName];
    if (!rules) {
      found.push(`<${node.nodeName}>`);
      return;
    }
    const names = [...node.attributes].map(({ name }) => name);
    found.push(
      ...names.filter((name) => !rules.attributes.includes(name)).map((name) => `${node.nodeName} ${name}=`),
    );
    found.push(
      ...rules.required
        .filter((name) => !names.includes(name))
        .map((name) => `${node.nodeName} without ${name}`),
    );
    for (const child of node.childNodes) {
      if (child.nodeType === 1 && rules.children.includes(child.nodeName)) look(child as unknown as Element);
      else if (child.nodeType === 1) found.push(`<${child.nodeName}> in ${node.nodeName}`);
      else if (child.nodeValue?.trim() && !rules.children.includes('*'))
        found.push(`text in ${node.nodeName}`);
    }
  }
}

/** As much of the DOM as is looked at: the project has no DOM library in its types. */
type Element = {
  nodeName: string;
  attributes: Iterable<{ name: string; value: string }>;
  childNodes: Iterable<{ nodeType: number; nodeName: string; nodeValue: string | null }>;
};

test('every verdict has its place, and nothing is in it that the schema does not allow', () => {
  const xml = junitText(outcomeOf(everyVerdict()));
  expect(breaches(xml)).toEqual([]);
  expect(xml).toContain(
    '<testsuites name="mirrorfuzz gate" tests="9" failures="3" errors="1" time="61.234">',
  );
  expect(xml.match(/<failure /g)).toHaveLength(3);
  expect(xml.match(/<error /g)).toHaveLength(1);
  expect(xml.match(/<skipped /g)).toHaveLength(1);
  expect(xml.match(/<system-out>/g)).toHaveLength(3);
});

test('the rules above see what is wrong', () => {
  expect(breaches('<testsuites skipped="1"><testcase/></testsuites>')).toEqual([
    'testsuites skipped=',
    '<testcase> in testsuites',
  ]);
  expect(breaches('<testsuite name="x">text</testsuite>')).toEqual([
    'testsuite without tests',
    'testsuite without failures',
    'testsuite without errors',
    'text in testsuite',
  ]);
});

test('hostile words are well-formed XML, and one cause is told with the command that reproduces it', () => {
  const xml = junitText(outcomeOf(everyVerdict()));
  expect(xml).toContain('a&quot;&lt;b&gt;&amp;\\x07\\u202e\\ud800');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in it
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  expect(xml).toContain(
    "Reproduce with: mirrorfuzz replay gate-report/findings/cccccccccccc --qemu 'my build'\\''s'",
  );
});

test('a gate without a single item is a report, too', () => {
  expect(breaches(junitText(outcomeOf([], { complete: false })))).toEqual([]);
});
