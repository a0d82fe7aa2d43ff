import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Storage } from '../../../src/sequence/arena.ts';

/** Serves an image file in a process of its own, and kills that process by SIGKILL once it does. */
export async function serveAndBeKilled(
  image: { path: string; options: Storage },
  dir: string,
): Promise<void> {
  const src = join(import.meta.dirname, '../../../src');
  const script = `
    import { resolveQemu } from '${src}/target/programs/binary.ts';
    import { openStorageHost } from '${src}/target/storage/host.ts';
    import { storageKind } from '${src}/sequence/arena.ts';
    const { image, dir } = JSON.parse(process.argv[1]);
    const target = await resolveQemu();
    const host = await openStorageHost([storageKind({ storage: image.options })], [], { dir, target });
    await host.serve({ name: 'disk', readOnly: false, ...image });
    console.log('serving');
    setInterval(() => {}, 1000);
  `;
  const args = ['--input-type=module', '--eval', script, JSON.stringify({ image, dir })];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exit]);
  child.kill('SIGKILL');
  const [code] = await exit;
  if (code !== null) throw new Error(`it ended by itself: ${code}`);
}
