// The vendor's command line.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { TOKEN } from './account.mjs';
import { note } from './record.mjs';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../node_modules/@makehq/cli/dist/index.js', import.meta.url));

/**
 * Runs `make-cli GROUP COMMAND [ID] [--name=value ...]` and returns what it printed, parsed.
 *
 * @param {string} command group and command: `scenarios get`
 * @param {...(string | number | object)} args an id, and an object of options in camel case, whose
 *   objects become JSON
 */
export async function cli(command, ...args) {
  const words = [...command.split(' '), ...args.flatMap(words_of)];
  const { stdout } = await run(process.execPath, [program, ...words], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
      MAKE_API_KEY: TOKEN,
      MAKE_ZONE: process.env.CONFORMANCE_ZONE,
    },
  });
  const answer = parsed(stdout);
  note('cli', command, []);
  return answer;
}

function words_of(argument) {
  if (argument === null || typeof argument !== 'object') return [String(argument)];
  return Object.entries(argument).map(([name, value]) => {
    const option = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
    if (value === true) return option;
    return `${option}=${typeof value === 'object' ? JSON.stringify(value) : value}`;
  });
}

/** JSON; deletions answer with a sentence instead. */
function parsed(stdout) {
  const text = stdout.trim();
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}
