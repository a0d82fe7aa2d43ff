/**
 * Whether findings are minimal, by brute force: every step alone and every argument alone is left out, and what is left
 * is run so often that a failure as frequent as the finding's would hardly be missed.
 *
 *     node scripts/minimality.ts DIRECTORY [QEMU [ID...]]
 */
import { limits as campaign } from '../src/campaign/limits.ts';
import { openTryOutLanes } from '../src/campaign/try-out.ts';
import { tool } from '../src/cli/options.ts';
import { openFindings } from '../src/findings/store.ts';
import type { StoredFinding } from '../src/findings/stored.ts';
import { isCoherent } from '../src/sequence/coherent.ts';
import { renderStep } from '../src/sequence/render.ts';
import type { Sequence } from '../src/sequence/sequence.ts';
import { type Json, stepKind } from '../src/sequence/step.ts';
import { applied, type Path } from '../src/shrink/change.ts';
import { limits } from '../src/shrink/limits.ts';
import { placesIn } from '../src/shrink/places.ts';
import { triesFor } from '../src/shrink/rate.ts';
import { resolveQemu } from '../src/target/programs/binary.ts';
import { openRunRoot } from '../src/target/run-dir.ts';

const [dir = 'findings', spec, ...ids] = process.argv.slice(2);
const target = await resolveQemu(spec);
const root = await openRunRoot();
process.once('exit', root.remove);
const store = openFindings(dir);
const wanted = ids.length > 0 ? ids : store.list().findings.map(({ id }) => id);
console.log(
  '| finding | rule | steps | arguments | shows | runs | can go |\n| --- | --- | --- | --- | --- | --- | --- |',
);
for (const id of wanted) console.log(await row(store.read(id)));

async function row({ finding, sequence: stored }: StoredFinding): Promise<string> {
  const sequence = stored();
  const deadlineScale = finding.kind === 'hang' ? campaign.hangDeadlineScale : 1;
  const lanes = finding.kind === 'hang' ? campaign.hangLanes : 2;
  const { tryOut, close } = openTryOutLanes({
    target,
    flavour: finding.flavour,
    root,
    tool,
    lanes,
    deadlineScale,
  });
  let runs = 0;
  const shows = async (candidate: Sequence, most: number): Promise<number> => {
    const results = await Promise.all(
      Array.from({ length: most }, async () => {
        runs++;
        return (await tryOut(candidate)).signatures.includes(finding.signature);
      }),
    );
    return results.filter(Boolean).length;
  };
  const ok = await shows(sequence, limits.runsMeasured);
  const rate = { ok, of: limits.runsMeasured };
  const [steps, members] = [stepPaths(sequence), memberPaths(sequence)];
  const tries = ok === 0 ? 0 : triesFor(rate) * limits.lastLookFactor;
  const canGo: string[] = [];
  for (const path of tries === 0 ? [] : [...steps, ...members]) {
    const candidate = applied(sequence, [{ path }]);
    if (!isCoherent(candidate)) continue;
    const hits = await shows(candidate, tries);
    if (hits > 0) canGo.push(`${named(sequence, path)} (${hits}/${tries})`);
  }
  await close();
  const verdict = ok === 0 ? 'does not show here' : canGo.join('; ') || 'nothing';
  return `| ${finding.id} | ${finding.rule} | ${steps.length} | ${members.length} | ${ok}/${rate.of} | ${runs} | ${verdict} |`;
}

function stepPaths({ steps }: Sequence): Path[] {
  return steps.map((_, i) => ['steps', i]);
}

/** All but the member that says what a step is, and the bound of a wait, which is no part of the failure. */
function memberPaths({ steps }: Sequence): Path[] {
  return steps.flatMap((step, i) =>
    [...placesIn(step as Json, ['steps', i])]
      .filter(({ path, key }) => path.length > 3 || (key !== stepKind(step) && key !== 'deadlineMs'))
      .filter(({ path, key }) => path.length > 3 || key !== 'args')
      .map(({ path }) => path),
  );
}

function named({ steps }: Sequence, [, index, ...inside]: Path): string {
  const step = steps[Number(index)];
  return `${Number(index) + 1}${inside.length > 0 ? ` ${inside.join('.')}` : ''} of "${step && renderStep(step)}"`;
}
