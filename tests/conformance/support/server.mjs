// A sandbox of makeform's own, served over TLS by the program under test.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Starts `makeform sandbox serve --tls` on a free port.
 *
 * @param {object} options
 * @param {string} options.program the program's path
 * @param {string} options.world the world's folder
 * @param {string} [options.authority] the folder of a world whose certificate authority this one
 *   takes over, so that whoever trusts that one trusts this one too
 * @param {string[]} [options.args] further arguments
 * @returns {Promise<{zone: string, authority: string, stop: () => Promise<number | null>}>}
 *   `zone` is what the vendor's clients take as a zone: host and port
 */
export async function serve({ program, world, authority, args = [] }) {
  mkdirSync(world, { recursive: true });
  if (authority) {
    for (const file of ['ca.pem', 'ca.key']) copyFileSync(join(authority, file), join(world, file));
  }
  const listen = ['sandbox', 'serve', '--tls', '--listen', '127.0.0.1:0', '--world', world];
  const child = spawn(program, [...listen, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  const ended = new Promise((resolve, reject) => {
    child.on('exit', resolve);
    child.on('error', reject);
  });
  const said = [];
  const started = new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', line => {
      said.push(line);
      const zone = said.join('\n').match(/ at https:\/\/(\S+)\/api\/v2/)?.[1];
      const path = said.join('\n').match(/from the authority (.+)/)?.[1];
      if (zone && path) resolve({ zone, authority: path });
    });
    ended.then(code => reject(new Error(`the sandbox ended with ${code}:\n${said.join('\n')}`)), reject);
  });
  const stop = () => {
    child.kill('SIGINT');
    return ended;
  };
  return { ...(await started), stop };
}
