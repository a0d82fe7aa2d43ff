/** Records findings as a process of its own: `node writer.ts DIR COUNT SIGNATURES SEED`, then prints how many were new. */
import { openFindings } from '../../src/findings/store.ts';
import { crashFound } from './found.ts';

const [dir = '', count = '1', signatures = '1', seed = '0'] = process.argv.slice(2);
const findings = openFindings(dir);
let fresh = 0;
for (let i = 0; i < Number(count); i++) {
  const signature = `crash/${i % Number(signatures)}`;
  const steps = 2 + ((i * 7) % 40);
  if (findings.record(crashFound({ signature, steps, seed: `${seed}-${i}` })).isNew) fresh++;
  process.stdout.write('.');
}
console.log(` ${fresh}`);
