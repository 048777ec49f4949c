// Starts the real program on a fresh demo, on a free port of this machine, and stops it.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = process.env.BANDO_BIN ?? fileURLToPath(new URL('../bin/bando', import.meta.url));
const demoWithinMs = 240_000;
const startWithinMs = 90_000;
const stopWithinMs = 20_000;

/** The address of the running program, and the demo's accounts: password by name. */
export async function startServer() {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run "make build" first`);
  const data = mkdtempSync(join(tmpdir(), 'bando-e2e-'));
  const clean = () => rmSync(data, { recursive: true, force: true });
  try {
    await finish(run(['demo', '--data', data, '--parcels', '2000', '--seed', '1']), demoWithinMs);
    const server = run(['serve', '--data', data, '--listen', '127.0.0.1:0']);
    const said = await waitFor(server, /^bando: (http:\S+?)\/?$/m, startWithinMs);
    const address = said.match(/^bando: (http:\S+?)\/?$/m)[1];
    const accounts = new Map([...said.matchAll(/^demo account: (\S+) (\S+)/gm)].map(([, name, password]) => [name, password]));
    return {
      address,
      accounts,
      stop: async () => {
        await stop(server);
        clean();
      },
    };
  } catch (error) {
    clean();
    throw error;
  }
}

function run(args) {
  const { DATABASE_URL: _, ...env } = process.env; // the test has a database of its own
  const child = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.said = '';
  child.stdout.on('data', (text) => {
    child.said += text;
  });
  child.complained = '';
  child.stderr.on('data', (text) => {
    child.complained = (child.complained + text).slice(-20_000);
  });
  return child;
}

const failed = (child, what) => new Error(`bando ${child.spawnargs.slice(1).join(' ')}: ${what}\n${child.complained.slice(-2000)}`);

function finish(child, withinMs) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      reject(failed(child, `not done after ${withinMs} ms`));
    }, withinMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(child.said);
      else reject(failed(child, `exit ${code}`));
    });
  });
}

function waitFor(child, pattern, withinMs) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      reject(failed(child, `did not say ${pattern} within ${withinMs} ms`));
    }, withinMs);
    const look = () => {
      if (!pattern.test(child.said)) return;
      clearTimeout(timer);
      resolve(child.said);
    };
    child.stdout.on('data', look);
    child.on('close', (code) => {
      clearTimeout(timer);
      reject(failed(child, `ended with ${code}`));
    });
  });
}

function stop(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
