// Everything a bare machine lacks. Plain JavaScript: it runs on whatever Node the machine has (20.19 or later),
// before any dependency is there. The product itself runs on the Node that the lock file brings.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The Node that runs the product: the exact version of package-lock.json. */
export const NODE = join(ROOT, 'node_modules/node/bin/node');

export const say = (line) => process.stderr.write(`haidang: ${line}\n`);

/** Runs a program to its end; throws when it fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    // Output of set-up steps goes to standard error: standard output belongs to what was asked for.
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], ...options });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with ${code}`)),
    );
  });
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((dir) => join(dir, program))
    .find(executable);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort())
        if (name !== 'dist' && name !== 'node_modules') add(join(path, name));
    } else {
      hash.update(path.slice(ROOT.length)).update(readFileSync(path));
    }
  };
  for (const path of paths) add(join(ROOT, path));
  return hash.digest('hex');
}

/** Does `make` unless what `inputs` hash to is what was made last. */
async function once(marker, inputs, what, make) {
  const hash = hashOf(inputs);
  const file = join(ROOT, marker);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  say(what);
  await make();
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, hash);
}

export async function ensureDependencies() {
  const modules = join(ROOT, 'node_modules');
  // A linked folder belongs to somebody else; it is used as it is.
  if (!existsSync(modules) || !lstatSync(modules).isSymbolicLink()) {
    await once(
      'node_modules/.haidang-installed',
      ['package-lock.json'],
      'installing dependencies (npm ci)',
      () => run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']),
    );
  }
  if (!executable(NODE))
    throw new Error('the Node runtime of package-lock.json was not installed; run npm ci again');
}

export async function ensureConsole() {
  await once('web/dist/.inputs', ['web', 'core', 'gis', 'package-lock.json'], 'building the console', () =>
    run(NODE, [
      join(ROOT, 'node_modules/vite/bin/vite.js'),
      'build',
      '--config',
      'web/vite.config.ts',
      '--logLevel',
      'warn',
    ]),
  );
}

/** May this process install Debian packages? */
export function mayInstallPackages() {
  return process.getuid?.() === 0 && onPath('apt-get') !== undefined;
}

let listsFresh = false;
export async function installPackages(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args) =>
    run('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], { env, stdio: ['ignore', 'ignore', 2] });
  if (!listsFresh) await apt(['update']);
  listsFresh = true;
  await apt(['install', '-y', '--no-install-recommends', ...packages]);
}

/** ffmpeg as the product will look for it; installed from Debian where that is allowed. Never fails: cameras stay off. */
export async function ensureFfmpeg() {
  const known = [
    process.env.FFMPEG_PATH,
    process.env.HAIDANG_MEDIA__FFMPEG_PATH,
    join(ROOT, 'node_modules/ffmpeg-static/ffmpeg'),
  ];
  if (known.some((file) => file && executable(file)) || onPath('ffmpeg')) return;
  if (!mayInstallPackages()) {
    say(
      'no ffmpeg found and not allowed to install it: cameras will be off (set FFMPEG_PATH or install ffmpeg)',
    );
    return;
  }
  say('installing ffmpeg from Debian for the cameras');
  try {
    await installPackages(['ffmpeg']);
  } catch (error) {
    say(`ffmpeg could not be installed, cameras will be off: ${error.message}`);
  }
}

/** Runs a TypeScript file of ours on the product's Node and ends as it ends; signals are handed on. */
export function handOver(file, args, env = process.env) {
  const path = `${join(ROOT, 'node_modules/.bin')}${delimiter}${env.PATH ?? ''}`;
  const child = spawn(NODE, ['--disable-warning=ExperimentalWarning', join(ROOT, file), ...args], {
    stdio: 'inherit',
    env: { ...env, PATH: path },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0);
  });
  return child;
}

/** Set-up problems are one readable line, not a stack. */
export function fail(error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
