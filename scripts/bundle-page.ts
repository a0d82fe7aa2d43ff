import { writeFileSync } from 'node:fs';
import { bundledAssets } from '../src/report/page/assets.ts';

/** Writes the script and the style of `report --html` into dist/, where the published package has them ready. */
const { script, style } = await bundledAssets();
const dir = new URL('../dist/src/page/', import.meta.url);
writeFileSync(new URL('page.js', dir), script);
writeFileSync(new URL('page.css', dir), style);
