import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDir } from '../target/install/cache-dir.ts';

// Half of a short command's time is compiling: the second start finds it done.
enableCompileCache(join(cacheDir(), 'compiled'));
await import('./main.ts');
