// A believable account that the vendor's client did not make: everything in it is read.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { ORGANIZATION, TEAM, client } from './support/account.mjs';
import { serve } from './support/server.mjs';

test('a seeded account is read, all of it', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'makeform-seeded-'));
  const world = join(folder, 'world');
  const program = process.env.CONFORMANCE_PROGRAM;
  execFileSync(program, ['sandbox', 'seed', '--scenarios', '40', '--seed', '3', '--world', world], { stdio: 'ignore' });
  const sandbox = await serve({ program, world, authority: process.env.CONFORMANCE_WORLD });
  t.after(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  });
  const make = client(sandbox.zone);

  const scenarios = await make.scenarios.list(TEAM, { pg: { limit: 1000, sortBy: 'id', sortDir: 'asc' } });
  assert.equal(scenarios.length, 40);
  for (const { id, name } of scenarios) {
    const blueprint = await make.blueprints.get(id);
    assert.equal(blueprint.name, name);
    assert.ok((await make.blueprints.versions(id)).length > 0);
    await make.scenarios.getInterface(id);
  }
  for (const hook of await make.hooks.list(TEAM)) assert.equal((await make.hooks.ping(hook.id)).address, hook.url);
  for (const { id } of await make.connections.list(TEAM)) assert.equal((await make.connections.get(id)).id, id);
  for (const { id } of await make.dataStores.list(TEAM)) assert.equal((await make.dataStores.get(id)).id, id);
  for (const { id } of await make.dataStructures.list(TEAM)) assert.equal((await make.dataStructures.get(id)).id, id);
  for (const { id } of await make.keys.list(TEAM)) assert.equal((await make.keys.get(id)).id, id);
  assert.ok((await make.folders.list(TEAM, { childrenDepth: 'all' })).length > 0);
  assert.ok((await make.teams.list(ORGANIZATION)).length > 0);
  assert.equal((await make.users.me()).id, 1);
});
