import { existsSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { configSchema, type GateConfig } from '../../gate/policy.ts';
import { fileLimits, readFile } from '../../read-file.ts';
import { complain } from '../complain.ts';

export const configFile = 'mirrorfuzz.config.json';

/** The policy of a file, or of mirrorfuzz.config.json here where there is one. UsageError: a mistake; one line each. */
export function readConfig(file: string | undefined): GateConfig {
  if (file === undefined && !existsSync(configFile)) return {};
  const name = file ?? configFile;
  const parsed = configSchema.safeParse(parseJson(name));
  if (parsed.success) return parsed.data.gate ?? {};
  const lines = parsed.error.issues.map(
    ({ path, message }) => `${name}: ${path.join('.') || 'the file'}: ${message}`,
  );
  for (const line of lines.slice(0, -1)) complain(line);
  throw new UsageError(lines.at(-1) ?? name, 'docs/gate.md lists what it may say');
}

function parseJson(name: string): unknown {
  try {
    return JSON.parse(readFile(name, fileLimits.jsonBytes).toString());
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name}: not JSON: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`);
  }
}
