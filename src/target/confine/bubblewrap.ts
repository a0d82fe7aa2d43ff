import type { Enclosure } from './enclosure.ts';
import { secrets, systemPaths } from './host-paths.ts';

/**
 * bubblewrap's command line: nothing of the host but `sees`, the directory and the devices; no capability, no process
 * outside its own namespace, no network unless one is given; and it dies at once with its parent (--die-with-parent is
 * PR_SET_PDEATHSIG).
 */
export function bubblewrap(command: readonly string[], enclosure: Enclosure): string[] {
  const { dir, devices, hasNetwork } = enclosure;
  const { mounts, sealed } = enclosure.wide ? wholeHost(enclosure) : onlyNeeded(enclosure);
  return [
    'bwrap',
    ...mounts,
    ...[dir, ...enclosure.writes].flatMap((own) => ['--bind', own, own]),
    ...['--chdir', dir],
    ...devices.flatMap((device) => ['--dev-bind', device, device]),
    // What could be written there would be the machine's memory.
    ...[...sealed, '/dev'].flatMap((path) => ['--remount-ro', path]),
    ...(hasNetwork ? [] : ['--unshare-net']),
    ...['--unshare-pid', '--cap-drop', 'ALL', '--die-with-parent', '--'],
    ...command,
  ];
}

/** `sealed`: mounts that are still written to while the sandbox is built. */
type Built = { mounts: string[]; sealed: string[] };

function onlyNeeded({ reads, devices }: Enclosure): Built {
  const system = systemPaths().flatMap(({ path, link }) =>
    link === undefined ? ['--ro-bind', path, path] : ['--symlink', link, path],
  );
  // A block device's limits are found there.
  const sys = devices.length > 0 ? ['--ro-bind', '/sys', '/sys'] : [];
  return { mounts: [...system, ...kernel, ...sys, ...readOnly(reads)], sealed: ['/'] };
}

function wholeHost({ reads }: Enclosure): Built {
  const { dirs, files } = secrets();
  return {
    mounts: [
      ...['--ro-bind', '/', '/', ...kernel],
      ...dirs.flatMap((dir) => ['--tmpfs', dir]),
      ...files.flatMap((file) => ['--ro-bind', '/dev/null', file]),
      ...readOnly(reads),
    ],
    sealed: dirs,
  };
}

const kernel = ['--dev', '/dev', '--proc', '/proc'];

const readOnly = (paths: readonly string[]): string[] => paths.flatMap((path) => ['--ro-bind', path, path]);
