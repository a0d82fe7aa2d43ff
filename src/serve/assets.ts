import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundledScript } from '../report/page/assets.ts';

export type LiveAssets = { live: string; login: string; style: string };

/** The live page's scripts and style: prebuilt in the published package, in a clone bundled now. */
export async function liveAssets(): Promise<LiveAssets> {
  const built = (name: string): string => fileURLToPath(new URL(`../page/${name}`, import.meta.url));
  if (!existsSync(built('live.js'))) return bundledLiveAssets();
  const read = (name: string): string => readFileSync(built(name), 'utf8');
  return { live: read('live.js'), login: read('login.js'), style: read('live.css') };
}

export async function bundledLiveAssets(): Promise<LiveAssets> {
  const source = (name: string): string => fileURLToPath(new URL(`../page/browser/${name}`, import.meta.url));
  const styles = ['page.css', 'live/live.css'].map((name) => readFileSync(source(name), 'utf8'));
  return {
    live: await bundledScript(source('live/live.ts')),
    login: await bundledScript(source('live/login.ts')),
    style: styles.join('\n'),
  };
}
