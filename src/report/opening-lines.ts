import { relative } from 'node:path';
import type { Machine } from '../campaign/campaign-event.ts';
import { type Confinement, confinement } from '../target/confine/confinement.ts';
import { isBelow } from '../target/confine/host-paths.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import { instrumentsOfTarget } from '../target/programs/instruments.ts';
import { programNames, roles } from '../target/programs/program.ts';

type Programs = readonly { target: QemuTarget }[];

/** How the QEMUs of a run are confined, for its JSON: paths are of programs that could be given no less. */
export type ConfinementText = {
  kind: Confinement;
  text: string;
  /** They see the whole host but its secrets. */
  seesWholeHost: string[];
  /** Their memory is not limited: a sanitizer's shadow takes more than there is. */
  memoryUnlimited: string[];
};

/** What is said before a run: which programs a path led to, and how QEMU is confined; `all`: also what is as usual. */
export function openingLines(programs: Programs, { all }: { all: boolean }): string[] {
  const targets = [...new Set(programs.map(({ target }) => target))];
  const given = targets.filter(({ origin }) => all || origin === 'directory' || origin === 'binary');
  const confinement = confinementOf(programs);
  const isUsual =
    confinement.kind === 'bubblewrap' &&
    confinement.seesWholeHost.length + confinement.memoryUnlimited.length === 0;
  const watched = targets.flatMap(instrumentsLine);
  return [...given.map(programsLine), ...watched, ...(isUsual && !all ? [] : [confinement.text])];
}

/** `QEMU 9.2.4 of /home/me/build: qemu-system-x86_64, storage-daemon/qemu-storage-daemon; /usr/bin/qemu-img`. */
export function programsLine(target: QemuTarget): string {
  const dir = target.origin === 'directory' ? target.path : target.path.replace(/\/[^/]*$/, '');
  const named = roles.map((role) => {
    const file = (target[role]?.argv ?? []).find((word) => word.includes(programNames[role][0] as string));
    const path = file ?? target[role]?.argv[0];
    if (path === undefined) return `no ${programNames[role][0]}`;
    return isBelow(path, dir) ? relative(dir, path) : path;
  });
  return `QEMU ${target.version} of ${dir}: ${named.join(', ')}`;
}

/** `QEMU 10.0.13 of /home/me/build watches itself by AddressSanitizer, UndefinedBehaviorSanitizer`. */
export function instrumentsLine(target: QemuTarget): string[] {
  const { version, path } = target;
  const all = instrumentsOfTarget(target);
  return all.length === 0 ? [] : [`QEMU ${version} of ${path} watches itself by ${all.join(', ')}`];
}

export function confinementOf(programs: Programs): ConfinementText {
  const targets = [...new Set(programs.map(({ target }) => target))];
  const driven = targets
    .flatMap(({ system, daemon }) => [system, daemon])
    .filter((program) => program !== undefined);
  const kind = driven.some(({ needs }) => needs?.unconfined) ? 'none' : confinement();
  const paths = (those: typeof driven): string[] => those.map(({ argv }) => argv[0] as string);
  const seesWholeHost = kind === 'none' ? [] : paths(driven.filter(({ needs }) => needs?.wide));
  const memoryUnlimited = paths(driven.filter(({ needs }) => needs?.memory === 'unlimited'));
  const text = [
    words[kind],
    ...(seesWholeHost.length > 0
      ? [`sees the whole host but its secrets, or it would not start: ${seesWholeHost.join(', ')}`]
      : []),
    ...(memoryUnlimited.length > 0
      ? [`memory not limited, or it would not start: ${memoryUnlimited.join(', ')}`]
      : []),
  ].join('; ');
  return { kind, text, seesWholeHost, memoryUnlimited };
}

/** Of a lab, as its workers say: the weakest of them, and which those are. */
export function confinementOfMachines(machines: readonly Machine[]): ConfinementText {
  const kind =
    weakestFirst.find((each) => machines.some(({ confinement }) => confinement === each)) ?? 'none';
  const hosts = machines.flatMap(({ host, confinement }) => (confinement === kind ? [host] : []));
  const text =
    machines.length === 0
      ? 'no machine worked for it'
      : `on ${[...new Set(hosts)].join(', ')}: ${words[kind]}`;
  return { kind, text, seesWholeHost: [], memoryUnlimited: [] };
}

const weakestFirst: readonly Confinement[] = ['none', 'namespaces', 'bubblewrap'];

const words: Record<Confinement, string> = {
  bubblewrap: 'QEMU is confined by bubblewrap: it sees its own programs and directory, and no network',
  namespaces:
    'QEMU is confined by namespaces of util-linux: it sees its own programs and directory, and no network; with bubblewrap installed hunts are faster',
  none: "QEMU IS NOT CONFINED: it runs hostile commands with your rights; 'mirrorfuzz doctor' says what would confine it",
};
