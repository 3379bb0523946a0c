// Runs Make's own clients against a sandbox of makeform's, and counts what they called.
//
//   node run.mjs             the whole suite
//   node run.mjs hooks       only the test files whose names begin so, and no count
//   node run.mjs --update    and write docs/conformance.md anew
//
// MAKEFORM names a program that is built already.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { serve } from './support/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../..');
const page = join(repository, 'docs/conformance.md');
const update = process.argv.includes('--update');
const chosen = process.argv.slice(2).filter(argument => !argument.startsWith('--'));

const program = process.env.MAKEFORM ?? build();
install();
const { catalogue, coverage, deviations, render } = await import('./support/catalogue.mjs');

const folder = mkdtempSync(join(tmpdir(), 'makeform-conformance-'));
const calls = join(folder, 'calls.jsonl');
writeFileSync(calls, '');
const sandbox = await serve({ program, world: join(folder, 'world'), args: ['--plan', 'unlimited'] });
let failed = false;
try {
  const isChosen = name => chosen.length === 0 || chosen.some(begin => name.startsWith(begin));
  const files = readdirSync(here).filter(name => name.endsWith('.test.mjs') && isChosen(name)).sort();
  if (files.length === 0) throw new Error(`no test file's name begins with ${chosen.join(' or ')}`);
  const tests = spawnSync(process.execPath, ['--test', '--test-reporter=spec', ...files], {
    cwd: here,
    stdio: 'inherit',
    env: {
      PATH: process.env.PATH,
      // The clients' own settings are the tests' business, not the user's.
      HOME: folder,
      NODE_EXTRA_CA_CERTS: sandbox.authority,
      CONFORMANCE_ZONE: sandbox.zone,
      CONFORMANCE_WORLD: join(folder, 'world'),
      CONFORMANCE_CALLS: calls,
      CONFORMANCE_PROGRAM: program,
    },
  });
  failed ||= tests.status !== 0;
} finally {
  await sandbox.stop();
}

const recorded = readFileSync(calls, 'utf8').trim().split('\n').filter(Boolean).map(line => JSON.parse(line));
rmSync(folder, { recursive: true });
const { lines, missing, unknown } = coverage(catalogue(), recorded);
const { held, found } = deviations(catalogue(), recorded);
console.log();
for (const [index, line] of lines.entries()) console.log(`${String(index + 1).padStart(4)}  ${line}`);
console.log(`\n${lines.length} calls of the vendor's clients were answered as they should be.`);
console.log(`${held} answers were held against the types of the SDK.`);
for (const deviation of found) console.error(`not of its type: ${deviation}`);
for (const call of unknown) console.error(`not in the vendor's client: ${call}`);
failed ||= unknown.length > 0 || found.length > 0;
if (chosen.length === 0) {
  for (const call of missing) console.error(`not answered: ${call}`);
  failed ||= missing.length > 0;
}

if (!failed && chosen.length === 0) {
  const text = render(catalogue(), lines);
  const current = existsSync(page) ? readFileSync(page, 'utf8') : '';
  if (update) writeFileSync(page, text);
  else if (text !== current) {
    console.error('docs/conformance.md is not what was seen: run `node run.mjs --update`');
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;

/** Builds makeform and returns the program's path. */
function build() {
  const args = ['build', '--locked', '--bin', 'makeform', '--message-format=json-render-diagnostics'];
  const output = execFileSync('cargo', args, {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const messages = output.trim().split('\n').map(line => JSON.parse(line));
  return messages.map(message => message.executable).filter(Boolean).at(-1);
}

/** Installs the vendor's packages in the versions of the lock file, unless they are there. */
function install() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const isThere = ([name, version]) => {
    const file = join(here, 'node_modules', name, 'package.json');
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version;
  };
  if (Object.entries({ ...dependencies, ...devDependencies }).every(isThere)) return;
  execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: here, stdio: 'inherit' });
}
