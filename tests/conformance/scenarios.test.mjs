// Scenarios: their rows, blueprints, interfaces, and switching them on and off.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ORGANIZATION, TEAM, client, empty, instant, refusal, unique } from './support/account.mjs';

const make = client();
const onDemand = { type: 'on-demand' };

const create = (name, more = {}) =>
  make.scenarios.create({ teamId: TEAM, scheduling: onDemand, blueprint: empty(name), ...more });

test('a scenario is created, read, changed, moved and deleted', async () => {
  const name = unique('life');
  const folder = await make.folders.create({ name: unique('of scenarios'), teamId: TEAM });
  const made = await create(name, { folderId: folder.id, scheduling: { type: 'indefinitely', interval: 900 } });
  assert.equal(made.name, name);
  assert.equal(made.teamId, TEAM);
  assert.equal(made.folderId, folder.id);
  assert.equal(made.isActive, false);
  assert.equal(made.isinvalid, false);
  assert.equal(made.dlqCount, 0);
  assert.deepEqual(made.scheduling, { type: 'indefinitely', interval: 900 });
  assert.deepEqual(await make.scenarios.get(made.id), made);

  const changed = await make.scenarios.update(made.id, { name: `${name}!`, description: 'Described.' });
  assert.equal(changed.name, `${name}!`);
  assert.equal(changed.description, 'Described.');
  assert.equal(changed.folderId, folder.id);
  assert.deepEqual(changed.scheduling, made.scheduling);
  const moved = await make.scenarios.update(made.id, { folderId: null, scheduling: { type: 'daily', time: '06:30' } });
  assert.equal(moved.folderId, null);
  assert.equal(moved.scheduling.type, 'daily');

  await make.scenarios.delete(made.id);
  assert.equal((await refusal(make.scenarios.get(made.id)))[0], 404);
});

test('blueprint and scheduling may be objects or JSON text, and stand-ins inside the blueprint count', async () => {
  const name = unique('text');
  const made = await create(name, { scheduling: JSON.stringify(onDemand), blueprint: JSON.stringify(empty(name)) });
  assert.deepEqual(made.scheduling, onDemand);
  const input = [{ name: 'email', type: 'text', required: true }];
  const whole = { ...empty(unique('whole')), scheduling: onDemand, interface: { input, output: [] } };
  const from = await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'immediately' }, blueprint: whole });
  assert.deepEqual(from.scheduling, onDemand);
  const blueprint = await make.blueprints.get(from.id);
  assert.deepEqual(blueprint.scheduling, onDemand);
  assert.deepEqual(blueprint.interface, { input, output: [] });
  assert.deepEqual(blueprint.flow, []);
});

test('lists come by team and by organization, in pages, sorted, with the columns asked for', async () => {
  const names = [];
  for (let number = 0; number < 5; number += 1) names.push((await create(unique('listed'))).name);
  const all = await make.scenarios.list(TEAM, { pg: { limit: 10_000, sortBy: 'id', sortDir: 'asc' } });
  const ids = all.map(row => row.id);
  assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  for (const name of names) assert.ok(all.some(row => row.name === name));

  const paged = [];
  for (let offset = 0; ; offset += 2) {
    const page = await make.scenarios.list(TEAM, { pg: { offset, limit: 2, sortBy: 'id', sortDir: 'asc' } });
    paged.push(...page.map(row => row.id));
    if (page.length < 2) break;
  }
  assert.deepEqual(paged, ids);
  const descending = await make.scenarios.list(TEAM, { pg: { limit: 10_000, sortBy: 'id', sortDir: 'desc' } });
  assert.deepEqual(descending.map(row => row.id), [...ids].reverse());

  const few = await make.scenarios.list(TEAM, { cols: ['id', 'name'], pg: { limit: 3 } });
  assert.equal(few.length, 3);
  for (const row of few) assert.deepEqual(Object.keys(row).sort(), ['id', 'name']);
  const one = await make.scenarios.get(ids[0], { cols: ['id', 'scheduling'] });
  assert.deepEqual(Object.keys(one).sort(), ['id', 'scheduling']);
  const every = await make.scenarios.get(ids[0], { cols: ['*'] });
  assert.ok('dlqCount' in every && 'usedPackages' in every);

  const everywhere = await make.scenarios.listInOrganization(ORGANIZATION, { cols: ['id', 'teamId'], pg: { limit: 10_000 } });
  for (const id of ids) assert.ok(everywhere.some(row => row.id === id && row.teamId === TEAM));
});

test('saving a blueprint makes a version, and the one in use is read', async () => {
  const name = unique('versions');
  const made = await create(name);
  const first = await make.blueprints.versions(made.id);
  assert.equal(first.length, 1);
  const flow = [{ id: 1, module: 'json:ParseJSON', version: 1, parameters: {}, mapper: { json: '{}' } }];
  await make.scenarios.update(made.id, { blueprint: { name, flow, metadata: { version: 1 } } });
  const versions = await make.blueprints.versions(made.id);
  assert.equal(versions.length, 2);
  for (const version of versions) {
    assert.equal(version.scenarioId, made.id);
    assert.equal(version.draft, false);
    assert.ok(!Number.isNaN(Date.parse(version.created)));
    assert.equal(typeof version.version, 'number');
  }
  const blueprint = await make.blueprints.get(made.id);
  assert.equal(blueprint.name, name);
  assert.deepEqual(blueprint.flow, flow);
  const row = await make.scenarios.get(made.id);
  assert.deepEqual(row.usedPackages, ['json']);
});

test('an interface is set and read in both ways', async () => {
  const made = await create(unique('interface'));
  assert.deepEqual(await make.scenarios.getInterface(made.id), { input: [], output: [] });
  const wanted = {
    input: [{ name: 'email', type: 'text', label: 'E-mail', required: true, multiline: false }],
    output: [{ name: 'id', type: 'number' }],
  };
  const set = await make.scenarios.setInterface(made.id, { interface: wanted });
  assert.deepEqual(set, wanted);
  assert.deepEqual(await make.scenarios.getInterface(made.id), wanted);
  assert.deepEqual(await make.scenarios.interface(made.id), wanted);
  const blueprint = await make.blueprints.get(made.id);
  assert.deepEqual(blueprint.interface, wanted);

  const scheduled = await create(unique('no inputs'), { scheduling: { type: 'indefinitely', interval: 900 } });
  const [status] = await refusal(make.scenarios.setInterface(scheduled.id, { interface: wanted }));
  assert.equal(status, 422);
});

test('a scenario is switched on and off, and says so when it is that already', async () => {
  const made = await create(unique('switch'));
  assert.equal(await make.scenarios.activate(made.id), true);
  assert.equal((await make.scenarios.get(made.id)).isActive, true);
  const [, running] = await refusal(make.scenarios.activate(made.id));
  assert.match(running, /already running/);
  assert.equal(await make.scenarios.deactivate(made.id), true);
  const [, stopped] = await refusal(make.scenarios.deactivate(made.id));
  assert.match(stopped, /not running/);
  assert.equal((await make.scenarios.get(made.id)).isActive, false);
});

test('an instant trigger wants an immediate schedule', async () => {
  const hook = await make.hooks.create({ name: unique('instant'), teamId: TEAM, typeName: 'gateway-webhook' });
  const name = unique('instant');
  const made = await create(name, { blueprint: instant(name, hook.id), scheduling: { type: 'indefinitely', interval: 900 } });
  const [, invalid] = await refusal(make.scenarios.activate(made.id));
  assert.match(invalid, /Invalid interval/);
  await make.scenarios.update(made.id, { scheduling: { type: 'immediately' } });
  assert.equal(await make.scenarios.activate(made.id), true);
});

test('what is wrong is refused in words that the client shows', async () => {
  const [status, message] = await refusal(create('x', { blueprint: { name: 'x', metadata: {} } }));
  assert.equal(status, 400);
  assert.match(message, /flow/);
  const unknown = { ...empty('x'), flow: [{ id: 1, module: 'slack:CreateMessage', version: 4, parameters: { __IMTCONN__: 99_999_999 }, mapper: {} }] };
  assert.deepEqual((await refusal(create('x', { blueprint: unknown })))[0], 404);
  assert.equal((await refusal(make.scenarios.list(99_999_999)))[0], 403);
});
