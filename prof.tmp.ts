import { openSessions } from './src/execute/sessions.ts';
import { execute } from './src/execute/execute.ts';
import { resolveQemu } from './src/target/binary.ts';
import { openRunRoot } from './src/target/run-dir.ts';
import { manyQueries, wholeMirror } from './src/bench/lifecycle.ts';
const target = await resolveQemu(undefined);
const root = await openRunRoot();
const sessions = openSessions({target, flavour:'daemon', root, tool:{name:'x',version:'0'}});
const seq = process.argv[2]==='m' ? wholeMirror : manyQueries(4000);
const n = process.argv[2]==='m' ? 600 : 4;
for (let i=0;i<n;i++){ const t=performance.now(); const {trace,pristine}=await execute(seq, await sessions.pristine(seq)); await sessions.giveBack(pristine); if(process.argv[2]!=='m') console.log((4000/(performance.now()-t)*1000).toFixed(0)); }
await sessions.close(); root.remove();
