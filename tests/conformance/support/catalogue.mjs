// Every call that the vendor's clients have, read from the clients themselves; what of it the
// suite leaves out and why; and the page that says what was answered.

import { Make } from '@makehq/sdk';
import { MakeTools } from '@makehq/sdk/tools';

import { endpointsOf, methodsOf } from './record.mjs';
import { promises } from './types.mjs';

/** Parts of the SDK, by the beginning of a call's name, that are not answered. */
const LEFT_OUT = {
  'sdk.': 'Building apps of one\'s own: no kind or command of makeform has to do with it.',
  'privateSpaces.': 'Organizations of a sandbox have them switched off: each call is refused as Make does, with IM903.',
};

/** The same for commands of the CLI. */
const COMMANDS_LEFT_OUT = {
  'sdk-': LEFT_OUT['sdk.'],
  'private-spaces ': LEFT_OUT['privateSpaces.'],
};

/** Where the SDK's types are known to be wrong: the vendor's own example answers differ. */
const SLIPS = [
  // What the SDK itself adds to a scenario's blueprint, and to no other.
  /^\.blueprint\.(scheduling|interface) is missing$/,
  /^(\.request|\[\d+\])?\.description is null, not string \| undefined$/,
  /\.(createdByUser|updatedByUser)\.(name|email) is ".*", not number$/,
  /\.folderId is null, not number$/,
  // A team without a limit of its own has none.
  /\.operationsLimit is null, /,
  // A module that was stored without a mapper comes back without one.
  /\.mapper is null, /,
];

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
  for (const { client, call, requests } of recorded) {
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

/** How many answers were held against their types, and what of them is of another. */
export function deviations({ sdk }, recorded) {
  const check = promises(sdk);
  const typed = recorded.filter(({ client, call, answer }) => client === 'sdk' && answer !== undefined && sdk.includes(call));
  const found = new Set();
  for (const { call, answer } of typed) {
    for (const mismatch of check(call, answer)) {
      if (SLIPS.some(slip => slip.test(mismatch))) continue;
      found.add(`${call}: ${mismatch.replace(/\[\d+\]/g, '[]')}`);
    }
  }
  return { held: typed.length, found: [...found] };
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
- Not answered:

| Calls that begin with | Why |
|---|---|
${leftOut.map(([begin, why]) => `| \`${begin.trim()}\` | ${why} |`).join('\n')}

| # | Call | Requests |
|---|---|---|
${rows.join('\n')}
`;
}
