import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Assets } from './html.ts';

/** The page's script and style: prebuilt in the published package, in a clone bundled now, which takes some 100 ms. */
export async function pageAssets(): Promise<Assets> {
  const built = (name: string): URL => new URL(`../../page/${name}`, import.meta.url);
  if (existsSync(built('page.js')))
    return { script: readFileSync(built('page.js'), 'utf8'), style: readFileSync(built('page.css'), 'utf8') };
  return bundledAssets();
}

/** From src/page/browser/. */
export async function bundledAssets(): Promise<Assets> {
  const source = (name: string): string =>
    fileURLToPath(new URL(`../../page/browser/${name}`, import.meta.url));
  return {
    // An end of a script element in a string of the script would end it.
    script: (await bundledScript(source('main.ts'))).replaceAll('</script', '<\\/script'),
    style: readFileSync(source('page.css'), 'utf8'),
  };
}

/** A development dependency bundles: the published package has none, and needs none. */
export async function bundledScript(input: string): Promise<string> {
  const { build } = await import('rolldown');
  const { output } = await build({
    input,
    write: false,
    output: { format: 'iife', minify: true },
    logLevel: 'warn',
  });
  return output[0].code;
}
