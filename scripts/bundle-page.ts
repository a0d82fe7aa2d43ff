import { writeFileSync } from 'node:fs';
import { bundledAssets } from '../src/report/page/assets.ts';
import { bundledLiveAssets } from '../src/serve/assets.ts';

/** Writes the scripts and styles of `report --html` and `serve` into dist/, where the published package has them ready. */
const { script, style } = await bundledAssets();
const live = await bundledLiveAssets();
const files = {
  ...{ 'page.js': script, 'page.css': style },
  ...{ 'live.js': live.live, 'login.js': live.login, 'live.css': live.style },
};
const dir = new URL('../dist/src/page/', import.meta.url);
for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, dir), text);
