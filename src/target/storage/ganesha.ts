import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Network } from '../confine/network.ts';
import { findServer } from '../programs/executable.ts';
import { untilStopped } from './until-stopped.ts';

/** nfs-ganesha, a server in user space: it exports one directory over NFSv3, with the handles of its file system. */
export type Ganesha = {
  /** Resolves when it serves nothing any more. */
  suspend(): Promise<void>;
  resume(): void;
  /** SIGKILL, also while it is stopped; every write that it was in is done, and none comes after. */
  kill(): Promise<void>;
  exit: Promise<void>;
  isGone(): boolean;
  /** What it said last. */
  lastWords(): string;
};

export type GaneshaPlan = {
  network: Network;
  exported: string;
  /** Its own: configuration, and what it takes for /run. */
  dir: string;
  nfsPort: number;
  mountPort: number;
};

export const ganeshaProgram = 'ganesha.nfsd';

/** The socket at which it registers its ports; somebody has to listen there before it starts. */
export function registrySocketOf(dir: string): string {
  return join(dir, 'run', 'rpcbind.sock');
}

/** What it needs on disk, once. */
export function prepareGanesha(plan: GaneshaPlan): void {
  mkdirSync(join(plan.dir, 'run'), { recursive: true });
  writeFileSync(join(plan.dir, 'ganesha.conf'), configuration(plan));
}

/** The same process again after one that was killed: handles that clients hold are valid with it, too. */
export function startGanesha({ network, dir }: GaneshaPlan): Ganesha {
  const server = [findServer(ganeshaProgram) ?? ganeshaProgram, '-F', '-f', join(dir, 'ganesha.conf')];
  const [file, ...args] = network.enter([
    ...['setpriv', '--pdeathsig', 'KILL', '--', 'unshare', '-m', '--'],
    // /run is where the machine's own portmapper listens, and where ganesha keeps its files.
    ...['sh', '-c', 'mount --bind "$1" /run && shift && exec "$@"', 'sh', join(dir, 'run')],
    ...[...server, '-p', join(dir, 'ganesha.pid'), '-L', 'STDERR'],
  ]);
  const child = execa(file as string, args, {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // A terminal's Ctrl-C is for us.
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000);
  });
  let gone = false;
  const exit = child.then(() => {
    gone = true;
  });
  return {
    async suspend() {
      child.kill('SIGSTOP');
      await untilStopped(child.pid as number);
    },
    resume: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
    exit,
    isGone: () => gone,
    lastWords: () => lastOf(said),
  };
}

/**
 * Nothing is cached that the directory knows better: files come and go there behind ganesha's back. LRU: of a file that
 * is gone the space is free a second or two later, when its descriptor is closed.
 */
function configuration({ exported, nfsPort, mountPort }: GaneshaPlan): string {
  return `NFS_CORE_PARAM {
  Protocols = 3; NFS_Port = ${nfsPort}; MNT_Port = ${mountPort};
  Enable_UDP = false; Enable_NLM = false; Enable_RQUOTA = false;
}
MDCACHE { Dir_Chunk = 0; LRU_Run_Interval = 1; FD_LWMark_Percent = 0; }
EXPORT_DEFAULTS { Attr_Expiration_Time = 0; }
EXPORT {
  Export_Id = 1; Path = "${exported}"; Pseudo = "/exported"; Protocols = 3; Transports = TCP;
  Access_Type = RW; Squash = None; SecType = sys; FSAL { Name = VFS; }
}
LOG { Default_Log_Level = EVENT; }
`;
}

/** The last line that speaks of trouble, else the last one. Of D-Bus and Kerberos, which it finds none of, nothing. */
function lastOf(said: string): string {
  const lines = said
    .split('\n')
    .filter((line) => line !== '' && !/DBUS|krb5|GSS|svc_vc_wait|acquire credentials/i.test(line));
  const line =
    lines.findLast((line) => /:(CRIT|MAJ|FATAL) :/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return line.replace(/^.* :(?=\S)/, '');
}
