import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '../..');

/**
 * The tarball that `npm pack` makes of this checkout, built in `dir`: what a hunt has kept and what an older build has left
 * is there, too. Unchecked types, since lint checks them and this is ten times quicker.
 */
export async function pack(dir: string): Promise<string> {
  for (const part of parts) cpSync(join(root, part), join(dir, part), { recursive: true });
  copyTree(dir);
  plant(dir, 'corpus/hunt/7.2.22/kept.json');
  plant(dir, 'dist/src/removed.js');
  await npm(dir, ['run', 'build', '--', '--noCheck']);
  const { stdout } = await npm(dir, ['pack', '--ignore-scripts', '--silent']);
  return join(dir, stdout.trim());
}

export const npm = (cwd: string, args: string[]) =>
  execa('npm', args, { cwd, env: settings, extendEnv: false });

const parts = [
  ...['bin', 'corpus', 'docs', 'instrument', 'properties', 'scripts', 'src', 'LICENSE', 'README.md'],
  ...['package.json', 'tsconfig.json', 'tsconfig.build.json'],
];

/** Without what the `npm test` around this says of another directory. */
const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

/** npm bundles real directories only: what the package needs is copied, what the build needs is linked. */
function copyTree(dir: string): void {
  const modules = realpathSync(join(root, 'node_modules'));
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  const needed = Object.entries(packages).filter(([, { inBundle }]) => inBundle);
  // Some are for other machines, and npm has left them out.
  for (const path of new Set(
    needed.map(([path]) => topLevel(path)).filter((each) => existsSync(join(modules, each))),
  ))
    cpSync(join(modules, path), join(dir, 'node_modules', path), { recursive: true });
  for (const path of linked) {
    mkdirSync(dirname(join(dir, 'node_modules', path)), { recursive: true });
    symlinkSync(join(modules, path), join(dir, 'node_modules', path));
  }
}

const linked = [
  ...['.bin', 'typescript', '@typescript', '@types', 'undici-types'],
  ...['rolldown', '@rolldown', '@oxc-project', 'playwright-core'],
];

type LockFile = { packages: Record<string, { inBundle?: true }> };

/** node_modules/wrap-ansi/node_modules/string-width -> wrap-ansi */
function topLevel(path: string): string {
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] as string;
}

function plant(dir: string, file: string): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), 'nobody wants this');
}
