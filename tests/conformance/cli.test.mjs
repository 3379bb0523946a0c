// The vendor's command line: every command, with its JSON output.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ORGANIZATION, TEAM, client, organization, unique } from './support/account.mjs';
import { cli } from './support/cli.mjs';
import { failing, incomplete } from './support/failing.mjs';

const teamId = TEAM;
const organizationId = ORGANIZATION;
const make = client();
const onDemand = { type: 'on-demand' };
const blueprint = name => ({ name, flow: [], metadata: {} });

test('whoami and users', async () => {
  const who = await cli('whoami');
  assert.equal(who.zone, process.env.CONFORMANCE_ZONE);
  assert.equal((await cli('users me')).email, who.email);
});

test('scenarios, their interface and their runs', async () => {
  const name = unique('cli scenario');
  const made = await cli('scenarios create', { teamId, scheduling: onDemand, blueprint: blueprint(name), confirmed: true });
  assert.equal(made.name, name);
  const { id } = made;
  assert.equal((await cli('scenarios get', id)).id, id);
  assert.ok(Array.isArray(await cli('scenarios list', { teamId })));
  assert.equal((await cli('scenarios update', id, { description: 'By the CLI.' })).description, 'By the CLI.');
  const fields = { input: [{ name: 'a', type: 'text' }], output: [] };
  await cli('scenarios set-interface', id, { interface: fields });
  assert.deepEqual(await cli('scenarios interface', id), fields);
  await cli('scenarios activate', id);
  const ran = await cli('scenarios run', id, { data: { a: 'b' }, responsive: true });
  assert.match(ran.executionId, /^[0-9a-f]{32}$/);
  const executions = await cli('executions list', { scenarioId: id });
  assert.ok(executions.some(execution => execution.id === ran.executionId));
  assert.equal((await cli('executions get', ran.executionId, { scenarioId: id })).status, 1);
  assert.equal((await cli('executions get-detail', ran.executionId, { scenarioId: id })).status, 'SUCCESS');
  await cli('scenarios deactivate', id);
  await cli('scenarios delete', id);
  await assert.rejects(cli('scenarios get', id), error => error.code === 2 && /404/.test(error.stderr));
});

test('incomplete executions', async () => {
  const scenario = await failing(make);
  const [item] = await incomplete(make, scenario);
  const listed = await cli('incomplete-executions list', { scenarioId: scenario });
  assert.ok(listed.some(row => row.id === item.id));
  assert.equal((await cli('incomplete-executions get', item.id)).id, item.id);
  await make.incompleteExecutions.retry(item.id);
  const tries = await cli('executions list-for-incomp-exec', { incompleteExecutionId: item.id });
  assert.ok(tries.length > 0);
  const one = await cli('executions get-for-incomp-exec', tries[0].id, { incompleteExecutionId: item.id });
  assert.equal(one.id, tries[0].id);
});

test('folders', async () => {
  const { id } = await cli('folders create', { teamId, name: unique('cli folder') });
  assert.ok((await cli('folders list', { teamId, childrenDepth: 'all' })).some(folder => folder.id === id));
  const name = unique('renamed');
  assert.equal((await cli('folders update', id, { name })).name, name);
  await cli('folders delete', id);
});

test('functions', async () => {
  const name = `cli${process.pid}`;
  const code = `function ${name}() { return 1; }`;
  const { id } = await cli('functions create', { teamId, name, code, description: 'One.' });
  assert.equal((await cli('functions get', id)).code, code);
  assert.ok((await cli('functions list', { teamId })).some(row => row.id === id));
  await cli('functions update', id, { description: 'Still one.' });
  assert.match(await cli('functions check', { teamId, code }), /is valid/);
  await cli('functions delete', id);
});

test('hooks and devices', async () => {
  const { id } = await cli('hooks create', { teamId, name: unique('cli hook'), typeName: 'gateway-webhook' });
  assert.equal((await cli('hooks get', id)).id, id);
  assert.ok((await cli('hooks list', { teamId })).some(hook => hook.id === id));
  await cli('hooks update', id, { data: { headers: true, method: false, stringify: false } });
  assert.equal((await cli('hooks get', id)).data.headers, true);
  await cli('hooks delete', id);
  assert.ok(Array.isArray(await cli('devices list', { teamId })));
});

test('data structures, data stores and records', async () => {
  const spec = [{ type: 'text', name: 'email' }];
  const structure = await cli('data-structures create', { teamId, name: unique('cli structure'), strict: true, spec });
  assert.deepEqual((await cli('data-structures get', structure.id)).spec, spec);
  assert.ok((await cli('data-structures list', { teamId })).some(row => row.id === structure.id));
  await cli('data-structures update', structure.id, { name: unique('renamed') });

  const store = await cli('data-stores create', { teamId, name: unique('cli store'), maxSizeMB: 1, datastructureId: structure.id });
  const dataStoreId = store.id;
  assert.equal((await cli('data-stores get', dataStoreId)).id, dataStoreId);
  assert.ok((await cli('data-stores list', { teamId })).some(row => row.id === dataStoreId));
  await cli('data-stores update', dataStoreId, { name: unique('renamed') });
  await cli('data-store-records create', { dataStoreId, key: 'k1', data: { email: 'a@acme.example' } });
  assert.equal((await cli('data-store-records list', { dataStoreId })).length, 1);
  await cli('data-store-records update', 'k1', { dataStoreId, data: { email: 'b@acme.example' } });
  await cli('data-store-records replace', 'k1', { dataStoreId, data: { email: 'c@acme.example' } });
  await cli('data-store-records delete', { dataStoreId, keys: ['k1'] });
  await cli('data-stores delete', dataStoreId);
  await cli('data-structures delete', structure.id);
});

test('connections and keys', async () => {
  const made = await cli('connections create', { teamId, name: unique('cli connection'), accountName: 'airtable3', data: { apiToken: 'secret' } });
  assert.equal((await cli('connections get', made.id)).id, made.id);
  assert.ok((await cli('connections list', { teamId })).some(row => row.id === made.id));
  await cli('connections update', made.id, { name: unique('renamed') });
  await cli('connections verify', made.id);
  await cli('connections delete', made.id);

  const parameters = { authUser: 'makeform', authPass: 'secret' };
  const key = await cli('keys create', { teamId, name: unique('cli key'), typeName: 'basicauth', parameters });
  assert.equal((await cli('keys get', key.id)).id, key.id);
  assert.ok((await cli('keys list', { teamId })).some(row => row.id === key.id));
  await cli('keys update', key.id, { name: unique('renamed') });
  await cli('keys delete', key.id);
});

test('credential requests', async () => {
  const connections = [{ type: 'slack' }, { type: 'airtable3' }];
  const made = await cli('credential-requests create-by-credentials', { teamId, name: unique('cli request'), connections });
  const { id } = made.request;
  assert.equal((await cli('credential-requests get', id)).id, id);
  assert.ok((await cli('credential-requests list', { teamId })).some(request => request.id === id));
  const [first, second] = made.credentials;
  await cli('credential-requests credential-decline', first.id, { reason: 'not mine' });
  await cli('credential-requests credential-delete', second.id);
  await cli('credential-requests delete', id);
  await cli('credential-requests create', { teamId, name: unique('cli action'), credentials: [{ appName: 'slack', appModules: ['CreateMessage'] }] });
  const [slack] = await make.connections.list(TEAM, { type: ['slack'] });
  await cli('credential-requests extend-connection', slack.id, { scopes: ['chat:write'] });
  assert.ok(Array.isArray(await cli('credential-requests list-app-modules-with-creds', { appName: 'slack', appVersion: '4' })));
});

test('organizations and teams', async () => {
  const name = unique('cli organization');
  const made = await cli('organizations create', { name, regionId: 1, timezoneId: 113, countryId: 1 });
  assert.equal((await cli('organizations get', made.id)).name, name);
  assert.ok((await cli('organizations list')).some(row => row.id === made.id));
  assert.equal((await cli('organizations update', made.id, { name: `${name}!` })).name, `${name}!`);
  await cli('organizations delete', made.id);

  const team = await cli('teams create', { name: unique('cli team'), organizationId });
  assert.equal((await cli('teams get', team.id)).id, team.id);
  assert.ok((await cli('teams list', { organizationId })).some(row => row.id === team.id));
  await cli('teams delete', team.id);
});

test('roles and custom roles', async () => {
  const roles = await cli('roles list', { category: 'team' });
  assert.ok(roles.length > 0);
  assert.equal((await cli('roles get', roles[0].id)).id, roles[0].id);
  const [permission] = await cli('roles permissions', { roleCategory: 'team' });
  const made = await cli('custom-roles create', { name: unique('cli role'), category: 'team', organizationId, permissions: [permission.id] });
  await cli('custom-roles update', made.id, { organizationId, description: 'Looks.' });
  await cli('custom-roles delete', made.id, { organizationId });
});

test('custom properties', async () => {
  const own = await organization(make);
  const made = await cli('custom-property-structures create', { associatedType: 'scenario', belongerType: 'organization', belongerId: own.id });
  const listed = await cli('custom-property-structures list', { organizationId: own.id });
  assert.deepEqual(listed.map(structure => structure.id), [made.id]);
  const customPropertyStructureId = made.id;
  const item = await cli('custom-property-structure-items create', { customPropertyStructureId, name: 'cli3', label: 'CLI', type: 'shortText', required: true });
  assert.ok((await cli('custom-property-structure-items list', { customPropertyStructureId })).some(row => row.id === item.id));
  await cli('custom-property-structure-items update', item.id, { label: 'The CLI' });
  const scenario = await make.scenarios.create({ teamId: own.team, scheduling: onDemand, blueprint: blueprint(unique('cli properties')) });
  await cli('scenario-custom-properties create', { scenarioId: scenario.id, customProperties: { cli3: 'a' } });
  assert.deepEqual(await cli('scenario-custom-properties get', { scenarioId: scenario.id }), { cli3: 'a' });
  await cli('scenario-custom-properties update', { scenarioId: scenario.id, customProperties: { cli3: 'b' } });
  await cli('scenario-custom-properties replace', { scenarioId: scenario.id, customProperties: { cli3: 'c' } });
  await cli('scenario-custom-properties delete', { scenarioId: scenario.id });
  await cli('custom-property-structure-items delete', item.id, { confirmed: true });
});

test('agents and the systems behind them', async () => {
  const made = await cli('on-prem-agent create', { organizationId, name: unique('cli agent') });
  assert.equal((await cli('on-prem-agent get', made.id, { organizationId })).id, made.id);
  assert.ok((await cli('on-prem-agent list', { organizationId })).some(agent => agent.id === made.id));
  await cli('on-prem-agent update', made.id, { organizationId, name: unique('renamed') });
  const [app] = await cli('connected-system list-apps');
  const [{ spec = [] }] = await cli('on-prem-agent get-app-config', { organizationId, agentId: made.id, appName: app.name });
  const inputs = Object.fromEntries(spec.map(field => [field.name, 'https://acme.example']));
  const system = await cli('connected-system create', { organizationId, name: unique('cli system'), agentId: made.id, appName: app.name, inputs });
  assert.equal((await cli('connected-system get', system.id, { organizationId })).id, system.id);
  assert.equal((await cli('connected-system list', { organizationId, agentId: made.id })).length, 1);
  await cli('connected-system update', system.id, { organizationId, name: unique('renamed') });
  await cli('connected-system delete', system.id, { organizationId });
  await cli('on-prem-agent delete', made.id, { organizationId });
});

test('catalogues and templates', async () => {
  for (const list of ['countries', 'regions', 'timezones']) {
    assert.ok((await cli(`enums ${list}`)).length > 0, list);
  }
  const [template] = await cli('public-templates list', { includeEn: true });
  assert.equal((await cli('public-templates get', template.url)).name, template.name);
  assert.ok(Array.isArray((await cli('public-templates get-blueprint', template.url)).blueprint.flow));
});

test('a refusal is told in the API\'s words', async () => {
  await assert.rejects(cli('folders delete', 99_999_999), error => error.code === 2 && /404/.test(error.stderr));
});
