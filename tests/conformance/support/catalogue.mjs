// Every call that the vendor's clients have, read from the clients themselves; what of it the
// suite leaves out and why; and the page that says what was answered.

import { Make } from '@makehq/sdk';
import { MakeTools } from '@makehq/sdk/tools';

import { endpointsOf, methodsOf } from './record.mjs';

/** Parts of the SDK, by the beginning of a call's name, that makeform has no use for. */
const LEFT_OUT = {
  'sdk.': 'Building apps of one\'s own: nothing of makeform names it.',
  'privateSpaces.': 'Personal workspaces of users, made by Make itself; no manifest has them.',
  'connectedSystems.': 'Systems behind an agent on premises: set up at the agent.',
  'enums.connectedSystemApps': 'Belongs to the same.',
};

/** The same for commands of the CLI. */
const COMMANDS_LEFT_OUT = {
  'sdk-': LEFT_OUT['sdk.'],
  'private-spaces ': LEFT_OUT['privateSpaces.'],
  'connected-system ': LEFT_OUT['connectedSystems.'],
};

/** All calls: those to be answered, by client, and those left out. */
export function catalogue() {
  const methods = endpointsOf(new Make('token', 'zone')).flatMap(([path, endpoint]) =>
    methodsOf(endpoint).map(name => `${path}.${name}`),
  );
  const commands = MakeTools.map(tool => {
    const prefix = `${tool.category.replaceAll('.', '-')}_`;
    return `${tool.category} ${tool.name.slice(prefix.length).replaceAll('_', '-')}`;
  });
  commands.push('whoami');
  const wanted = (names, leftOut) => names.filter(name => !Object.keys(leftOut).some(begin => name.startsWith(begin)));
  return {
    sdk: wanted(methods, LEFT_OUT),
    cli: wanted(commands, COMMANDS_LEFT_OUT),
    leftOut: Object.entries({ ...LEFT_OUT, ...COMMANDS_LEFT_OUT }),
    counts: { sdk: methods.length, cli: commands.length },
  };
}

/** What was answered, in the clients' own order, what was not, and what no client has. */
export function coverage({ sdk, cli }, recorded) {
  const seen = new Map();
  for (const line of recorded.split('\n').filter(Boolean)) {
    const { client, call, requests } = JSON.parse(line);
    const name = `${client} ${call}`;
    if (!seen.has(name)) seen.set(name, requests.join(', '));
  }
  const all = [...sdk.map(call => `sdk ${call}`), ...cli.map(call => `cli ${call}`)];
  const answered = all.filter(call => seen.has(call));
  return {
    lines: answered.map(call => [call, seen.get(call)].filter(Boolean).join(': ')),
    missing: all.filter(call => !seen.has(call)),
    unknown: [...seen.keys()].filter(call => !all.includes(call)),
  };
}

/** The page for readers: what is covered, and what is not. */
export function render({ leftOut, counts }, lines) {
  const rows = lines.map((line, index) => {
    const [call, requests = ''] = line.split(': ');
    const code = requests ? requests.split(', ').map(request => `\`${request}\``).join(', ') : '';
    return `| ${index + 1} | \`${call}\` | ${code} |`;
  });
  return `# Conformance

Make's own clients, unmodified, run against \`makeform sandbox serve --tls\`. Every call below was
made and its answer checked; the suite fails if one is missing. CONTRIBUTING.md says how to run it.
This page is written by the suite (\`node tests/conformance/run.mjs --update\`) and checked by it.

- The SDK, \`@makehq/sdk\`, has ${counts.sdk} methods, and the CLI, \`@makehq/cli\`, ${counts.cli} commands that reach the API.
- Left out, because the contract of makeform has nothing to do with them:

| Calls that begin with | Why |
|---|---|
${leftOut.map(([begin, why]) => `| \`${begin.trim()}\` | ${why} |`).join('\n')}

| # | Call | Requests |
|---|---|---|
${rows.join('\n')}
`;
}
