import { z } from 'zod';
import { configSchema } from './policy.ts';

/** The JSON schema of mirrorfuzz.config.json, as schema/ has it (scripts/config-schema.ts). */
export const configJsonSchema = (): string =>
  `${JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), null, 2)}\n`;
