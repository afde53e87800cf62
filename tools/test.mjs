// `npm test`: all set-up that the tests need, then format, lint, types, dead code, unit, contract and browser tests.
// Ends with one line `N passed, N failed, N skipped`; a check such as lint or types counts as one.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import {
  ensureConsole,
  ensureDependencies,
  fail,
  installPackages,
  mayInstallPackages,
  NODE,
  onPath,
  ROOT,
  run,
  say,
} from './setup.mjs';

/** What the tests run against, how to see that it is there, and the Debian packages that bring it. */
const PARTS = [
  {
    name: 'PostgreSQL with PostGIS',
    there: () =>
      existsSync('/usr/lib/postgresql') &&
      readdirSync('/usr/lib/postgresql').some(
        (version) =>
          existsSync(`/usr/lib/postgresql/${version}/bin/initdb`) &&
          existsSync(`/usr/share/postgresql/${version}/extension/postgis.control`),
      ),
    packages: ['postgresql-15', 'postgresql-15-postgis-3'],
  },
  { name: 'Mosquitto clients', there: () => onPath('mosquitto_pub'), packages: ['mosquitto-clients'] },
  { name: 'FFmpeg', there: () => process.env.FFMPEG_PATH || onPath('ffmpeg'), packages: ['ffmpeg'] },
  {
    name: 'Chromium',
    there: () => existsSync('/usr/bin/chromium'),
    packages: ['chromium', 'fonts-liberation'],
  },
  {
    name: 'GStreamer RTSP server',
    there: () =>
      existsSync('/usr/bin/python3') &&
      existsSync('/usr/lib/python3/dist-packages/gi') &&
      readdirSync('/usr/lib').some((dir) =>
        existsSync(`/usr/lib/${dir}/girepository-1.0/GstRtspServer-1.0.typelib`),
      ),
    packages: [
      'gir1.2-gst-rtsp-server-1.0',
      'python3-gi',
      'gstreamer1.0-plugins-base',
      'gstreamer1.0-plugins-good',
      'gstreamer1.0-plugins-bad',
      'gstreamer1.0-plugins-ugly',
    ],
  },
];

async function ensureParts() {
  const missing = PARTS.filter((part) => !part.there());
  if (missing.length === 0) return;
  const names = missing.map((part) => part.name).join(', ');
  if (!mayInstallPackages()) {
    say(`missing, tests that need them will be skipped by name: ${names}`);
    return;
  }
  say(`installing for the tests: ${names}`);
  await installPackages(missing.flatMap((part) => part.packages));
}

const totals = { passed: 0, failed: 0, skipped: 0 };
const env = {
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
};
const tool = (file, ...args) => run(NODE, [join(ROOT, 'node_modules', file), ...args], { env });

async function check(name, work) {
  try {
    await work();
    totals.passed += 1;
  } catch (error) {
    totals.failed += 1;
    say(`FAILED ${name}: ${error.message}`);
  }
}

async function vitest(args) {
  const dir = mkdtempSync(join(tmpdir(), 'haidang-test-'));
  const report = join(dir, 'report.json');
  try {
    await tool(
      'vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    );
  } catch (error) {
    say(`FAILED tests: ${error.message}`);
  }
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    totals.skipped += result.numPendingTests + result.numTodoTests;
    // A file that does not even load has no test that could fail.
    const broken = result.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    );
    totals.failed += result.numFailedTests + broken.length;
    for (const file of result.testResults) {
      for (const one of file.assertionResults) if (one.status === 'pending') say(`skipped: ${one.fullName}`);
    }
  } catch {
    totals.failed += 1;
    say('FAILED tests: no report was written');
  }
  rmSync(dir, { recursive: true, force: true });
}

try {
  await Promise.all([ensureDependencies(), ensureParts()]);
  const only = process.argv.slice(2);
  if (only.length === 0) {
    await check('format and lint', () =>
      tool('@biomejs/biome/bin/biome', 'check', '.', '--diagnostic-level=error'),
    );
    await check('types', () => tool('typescript/bin/tsc', '--noEmit'));
    await check('types of the console', () => tool('typescript/bin/tsc', '--noEmit', '-p', 'web'));
    await check('dead code', () => tool('knip/bin/knip.js'));
  }
  await check('build of the console', ensureConsole);
  await check('embedded database for the tests', () =>
    run(NODE, [join(ROOT, 'test/support/make-archive.ts')], { env }),
  );
  await vitest(only);
} catch (error) {
  fail(error);
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;
