import { expect, test } from 'vitest';
import { argumentValues } from '../../../src/campaign/feedback/argument-values.ts';
import { commandsOf, possibleValues } from '../../../src/campaign/feedback/possible-values.ts';
import { drawFrom } from '../../../src/generate/draw.ts';
import { hostileCommands } from '../../../src/generate/malformed/commands.ts';
import { everyKind } from '../../../src/generate/malformed/every-kind.ts';
import { asSent } from '../../../src/generate/resolve-references.ts';
import { isJsonObject } from '../../../src/sequence/json-object.ts';
import { binaries, busyScene } from '../scenes.ts';

test('each argument of every command that is broken has each kind of value, sooner or later', () => {
  const binary = binaries[0]!;
  const scene = busyScene(binary);
  const seen = new Set<string>();
  for (let seed = 0; seed < 4000; seed++) {
    const draft = everyKind(drawFrom(`${seed}`), scene);
    const sent = draft && asSent(draft.args);
    for (const value of isJsonObject(sent) ? argumentValues(draft!.command, sent, binary.schema) : [])
      seen.add(`${draft!.command} ${value}`);
  }
  const possible = commandsOf(binary.schema)
    .filter((command) => command in hostileCommands)
    .flatMap((command) =>
      possibleValues(command, binary.schema).values.map((value) => `${command} ${value}`),
    );
  const never = possible.filter((value) => !seen.has(value));
  expect(possible.length).toBeGreaterThan(500);
  // By chance one or the other is missed.
  expect(never.length / possible.length, never.join(', ')).toBeLessThan(0.05);
});
