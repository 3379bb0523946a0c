// Reads all scenarios of the team and their blueprints with Make's own client: what
// `cargo bench --bench reading` holds makeform's reading against.
//
//   node reading.mjs ZONE TOKEN IN_FLIGHT
//
// Every blueprint is let go of as soon as it is read.

import { Make } from '@makehq/sdk';

const [zone, token, inFlight] = process.argv.slice(2);
const PAGE = 10_000;
const TEAM = 1;

const make = new Make(token, zone);
const scenarios = [];
for (let page; !page || page.length === PAGE; ) {
  const pg = { limit: PAGE, offset: scenarios.length, sortBy: 'id', sortDir: 'asc' };
  page = await make.scenarios.list(TEAM, { pg });
  scenarios.push(...page);
}

let next = 0;
let modules = 0;
async function read() {
  while (next < scenarios.length) {
    const { id } = scenarios[next++];
    const blueprint = await make.blueprints.get(id);
    modules += blueprint.flow.length;
  }
}
await Promise.all(Array.from({ length: Number(inFlight) }, read));
if (modules === 0) throw new Error('no blueprint has a module');
console.log(scenarios.length);
