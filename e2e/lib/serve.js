// Starts portal serve as a company would: with a simulator of Assure as a process of its own, and any identity provider.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

/** Ports of 127.0.0.1 that were free a moment ago, all different. */
export async function freePorts(n) {
  const servers = await Promise.all(Array.from({ length: n }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }));
  const ports = servers.map((s) => s.address().port);
  await Promise.all(servers.map((s) => { s.close(); return once(s, 'close'); }));
  return ports;
}

/** Resolves with {portal, log, stop} once the portal answers; `settings` are further variables. */
export async function startServe({ port, issuer, roles, settings = {} }) {
  const dir = await mkdtemp(join(tmpdir(), 'portal-serve-'));
  const simulator = run(['simulate', '--listen', '127.0.0.1:0', '--processes', '30'], {});
  const at = await simulator.ready();
  const portal = `http://127.0.0.1:${port}`;
  const environment = {
    PORTAL_LISTEN: `127.0.0.1:${port}`, PORTAL_BASE_URL: portal, PORTAL_DATA_DIR: join(dir, 'data'),
    PORTAL_OIDC_ISSUER: issuer, PORTAL_OIDC_CLIENT_ID: 'portal', PORTAL_OIDC_CLIENT_SECRET: 'a secret between two processes of one test',
    PORTAL_ROLE_MAP: roles, PORTAL_ASSURE_URL: at.assure, PORTAL_ASSURE_TOKEN_URL: at.token, PORTAL_ASSURE_CLIENT_ID: 'sim', PORTAL_ASSURE_CLIENT_SECRET: 'sim',
    PORTAL_AUDIT_KEY_FILE: join(dir, 'key'), PORTAL_AUDIT_ANCHOR: join(dir, 'anchor'), PORTAL_KEEP_IMAGES: 'no', ...settings,
  };
  const init = run(['audit', 'init', '--origin', 'portal.test/trail', '--key-out', join(dir, 'key')], environment);
  if ((await init.exited) !== 0) throw new Error(`audit init failed: ${init.log()}`);
  const serve = run(['serve'], environment);
  await answers(`${portal}/healthz`, serve);
  return {
    portal,
    log: serve.log,
    /** Makes every session's roles older, as if that time had passed since the identity provider confirmed them. */
    confirmedBefore(minutes) {
      const file = new DatabaseSync(join(dir, 'data', 'portal.db'), { timeout: 5000 });
      file.prepare('UPDATE session SET checked_at = checked_at - ?').run(minutes * 60_000);
      file.close();
    },
    async stop() {
      const codes = [await serve.stop(), await simulator.stop()];
      await rm(dir, { recursive: true, force: true });
      if (codes.some((c) => c !== 0)) throw new Error(`serve and simulate ended with ${codes}: ${serve.log()}`);
    },
  };
}

function run(args, environment) {
  const child = spawn(process.env.PORTAL_BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, ...environment } });
  let log = '';
  child.stderr.on('data', (data) => { log = (log + data).slice(-8000); });
  const exited = once(child, 'exit').then(([code]) => code);
  return {
    exited,
    log: () => log,
    async ready() {
      const lines = {};
      for await (const line of createInterface({ input: child.stdout })) {
        if (line === 'ready') return lines;
        const [name, value] = line.split(' ');
        lines[name] = value;
      }
      throw new Error(`${args[0]} ended before it was ready: ${log}`);
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function answers(url, process) {
  const ended = process.exited.then((code) => { throw new Error(`the portal ended with ${code}: ${process.log()}`); });
  const asked = (async () => {
    for (let i = 0; i < 300; i++) {
      const answer = await fetch(url).catch(() => undefined);
      if (answer?.ok) return;
      await pause(100);
    }
    throw new Error(`${url} does not answer: ${process.log()}`);
  })();
  await Promise.race([asked, ended]);
}
