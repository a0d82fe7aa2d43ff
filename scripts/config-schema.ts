import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '../src/gate/config-json-schema.ts';

/** Writes schema/mirrorfuzz.config.schema.json, which editors read, from what the program checks. */
const dir = fileURLToPath(new URL('../schema/', import.meta.url));
mkdirSync(dir, { recursive: true });
writeFileSync(`${dir}mirrorfuzz.config.schema.json`, configJsonSchema());
