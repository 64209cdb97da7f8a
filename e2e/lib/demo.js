// Starts and stops portal demo.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const startLimit = 90_000; // ms until `ready`, on a busy machine of two cores
const stopLimit = 20_000; // ms until the process has finished what was in flight

/** People of the demo by a short name. */
export const people = Object.fromEntries(
  ['reviewer', 'auditor', 'inspector', 'admin', 'both', 'nobody'].map((name) => [name, `${name}@demo.test`]),
);

/**
 * Starts the demo on free ports of 127.0.0.1 and resolves when it says `ready`.
 * `lines` has what it printed: {portal, idp, assure, token, users: {name: [roles]}}.
 */
export async function startDemo(args = []) {
  const binary = process.env.PORTAL_BINARY;
  if (!binary) throw new Error('PORTAL_BINARY names the built program: go build -o /tmp/portal ./cmd/portal');
  const child = spawn(binary, ['demo', '--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = keepTail(child.stderr);
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const lines = await withLimit(startLimit, 'portal demo is not ready', Promise.race([
    readUntilReady(child.stdout),
    exited.then((how) => { throw new Error(`portal demo ended: ${JSON.stringify(how)}\n${log()}`); }),
  ])).catch((error) => { child.kill('SIGKILL'); throw error; });
  return { ...lines, pid: child.pid, log, stop: () => stop(child, exited, log) };
}

async function readUntilReady(stdout) {
  const lines = { users: {}, raw: [] };
  for await (const line of createInterface({ input: stdout })) {
    lines.raw.push(line);
    const [word, ...rest] = line.split(' ');
    if (line === 'ready') {
      stdout.resume();
      return lines;
    }
    if (word === 'user') lines.users[rest[0]] = rest.slice(1).join(' ').split(/[ ,]+/).filter(Boolean);
    else lines[word] = rest[0];
  }
  throw new Error(`portal demo closed its output before \`ready\`: ${lines.raw.join(' | ')}`);
}

/** Stops by the child's own process id, as a person would with Ctrl-C, and insists on a clean end. */
async function stop(child, exited, log) {
  if (child.exitCode === null && child.signalCode === null) process.kill(child.pid, 'SIGTERM');
  const how = await withLimit(stopLimit, 'portal demo does not end after SIGTERM', exited)
    .catch((error) => { child.kill('SIGKILL'); throw error; });
  if (how.code !== 0) throw new Error(`portal demo ended with ${JSON.stringify(how)}\n${log()}`);
}

function keepTail(stream, size = 8000) {
  let tail = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => { tail = (tail + text).slice(-size); });
  return () => tail;
}

async function withLimit(ms, what, promise) {
  let timer;
  const limit = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${what} after ${ms} ms`)), ms); });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
