import { openNetwork } from '../../../src/target/confine/network.ts';
import { startNfsServer } from '../../../src/target/storage/nfs-server.ts';

/** A process that has an NFS server and waits to be killed; argv: the directory that it exports. */
const exported = process.argv[2] as string;
await startNfsServer({ network: await openNetwork(), exported, dir: `${exported}/nfs` });
process.stdout.write('up\n');
setInterval(() => {}, 60_000);
