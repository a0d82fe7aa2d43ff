import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Json } from '../../../src/sequence/step.ts';
import { confinement } from '../../../src/target/confine/confinement.ts';
import type { Session } from '../../../src/target/process/live-session.ts';
import { startSession } from '../../../src/target/process/session.ts';
import { openRunRoot, type RunRoot } from '../../../src/target/run-dir.ts';
import { onEveryQemu, onOneQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../temporary.ts';

onEveryQemu((driven) => {
  for (const how of ['bubblewrap', 'namespaces'] as const) {
    // What confines by namespaces alone needs root here, or user namespaces, as bubblewrap does.
    describe.runIf(confinement() === 'bubblewrap')(`confined by ${how}`, () => {
      let root: RunRoot;
      let session: Session;
      beforeAll(async () => {
        root = await openRunRoot();
        session = await startSession({ ...driven, dir: root.sessionDir(), confinement: how });
      });
      afterAll(async () => {
        await session.stop();
        root.remove();
      });
      const qmp = async (name: string, args: Record<string, Json> = {}) => {
        const answer = await session.client.command(name, args, { id: session.nextCommandId() }).reply;
        if (answer.kind !== 'reply') throw new Error(`${name}: QEMU is gone`);
        return answer.error?.desc ?? 'ok';
      };
      const open = (filename: string) =>
        qmp('blockdev-add', { driver: 'file', 'node-name': `n${opened++}`, filename, 'read-only': true });
      let opened = 0;

      test('the files of the host are not there, what QEMU itself needs is', async () => {
        expect(await open('/usr/bin/env')).toBe('ok');
        const hidden = ['/etc/shadow', '/etc/passwd', join(root.path, 'owner'), import.meta.filename];
        for (const path of hidden) expect(await open(path)).toMatch(/No such file or directory/);
      });

      test('the sockets of the host are not there', async () => {
        let connections = 0;
        const path = join(temporaryDir(), 's');
        const server = createServer(() => connections++).listen(path);
        onTestFinished(() => void server.close());
        const node = { driver: 'nbd', 'node-name': 'net', server: { type: 'unix', path } };
        expect(await qmp('blockdev-add', node)).toMatch(/No such file or directory/);
        expect(connections).toBe(0);
      });

      test('a file of a relative name lands in its own directory', async () => {
        const options = { driver: 'file', filename: 'relative.raw', size: 1024 };
        expect(await qmp('blockdev-create', { 'job-id': 'create', options })).toBe('ok');
        await vi.waitUntil(() => existsSync(join(session.dir, 'relative.raw')));
      });

      test('it has no capability and gains none, and its signals are seen', async () => {
        const own = await startSession({ ...driven, dir: root.sessionDir(), confinement: how });
        const status = readFileSync(`/proc/${own.pid()}/status`, 'utf8');
        for (const set of ['Inh', 'Prm', 'Eff']) expect(status).toMatch(new RegExp(`^Cap${set}:\t0+$`, 'm'));
        expect(status).toMatch(/^NoNewPrivs:\t1$/m);
        const ends: unknown[] = [];
        own.observe((seen) => seen.kind === 'exit' && ends.push(seen.signal));
        own.signal('SIGABRT');
        await own.exit;
        expect(ends).toEqual(['SIGABRT']);
      });
    });
  }
});

onOneQemu((driven) => {
  test('unconfined, too, a file of a relative name lands in its own directory', async () => {
    const root = await openRunRoot();
    const session = await startSession({ ...driven, dir: root.sessionDir(), confinement: 'none' });
    onTestFinished(async () => {
      await session.stop();
      root.remove();
    });
    const options = { driver: 'file', filename: 'relative.raw', size: 1024 };
    await session.client.command('blockdev-create', { 'job-id': 'create', options }, { id: -1 }).reply;
    await vi.waitUntil(() => existsSync(join(session.dir, 'relative.raw')));
  });

  test('a temporary directory may have commas and blanks in its name', async () => {
    vi.stubEnv('TMPDIR', temporaryDir('a,b c'));
    const root = await openRunRoot();
    vi.unstubAllEnvs();
    const machine = driven.flavour === 'system' ? 'pc' : 'none';
    const session = await startSession({ ...driven, hardware: { machine }, dir: root.sessionDir() });
    onTestFinished(async () => {
      await session.stop();
      root.remove();
    });
    expect(session.pid()).toBeDefined();
  });
});
