import { execaSync } from 'execa';

/**
 * The host keeps blocks for the whole file, and what has no data in it still reads as zeroes: posix_fallocate, which Node
 * has not. Where the program or the file system can't, the file stays as it is, and differs in the space it takes alone.
 */
export function allocate(path: string, lengthBytes: number): void {
  if (lengthBytes > 0)
    execaSync('fallocate', ['--length', String(lengthBytes), path], { reject: false, stdio: 'ignore' });
}
