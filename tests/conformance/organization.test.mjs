// Who one is, organizations, teams, roles, agents, and the catalogues of the API.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ORGANIZATION, OWNER, TEAM, client, refusal, unique } from './support/account.mjs';

const make = client();

test('the token says who one is and what one may do', async () => {
  const me = await make.users.me();
  assert.equal(me.id, OWNER);
  assert.equal(typeof me.name, 'string');
  assert.match(me.email, /@/);
  assert.equal(typeof me.timezone, 'string');
  assert.equal(typeof me.locale, 'string');
  const authorization = await make.users.currentAuthorization();
  assert.equal(authorization.authUsed, 'token');
  assert.ok(authorization.scope.length > 0);
});

test('a wrong token is refused', async () => {
  const stranger = client(process.env.CONFORMANCE_ZONE, '00000000-0000-4000-8000-000000000000');
  assert.equal((await refusal(stranger.users.me()))[0], 401);
});

test('an organization is created, read, changed and deleted', async () => {
  const [zone] = await make.enums.timezones();
  const [country] = await make.enums.countries();
  const [region] = await make.enums.regions();
  const name = unique('organization');
  const made = await make.organizations.create({ name, regionId: region.id, timezoneId: zone.id, countryId: country.id });
  assert.equal(made.name, name);
  assert.equal(made.timezoneId, zone.id);
  const read = await make.organizations.get(made.id);
  assert.equal(read.name, name);
  assert.equal(typeof read.license.apiLimit, 'number');
  assert.equal(typeof read.operations, 'string');
  const changed = await make.organizations.update(made.id, { name: `${name}!` });
  assert.equal(changed.name, `${name}!`);
  assert.equal(changed.countryId, country.id);

  const all = await make.organizations.list();
  assert.ok(all.some(row => row.id === made.id) && all.some(row => row.id === ORGANIZATION));
  const columns = await make.organizations.list({ cols: ['id', 'zone'], pg: { limit: 1, sortBy: 'name', sortDir: 'asc' } });
  assert.equal(columns.length, 1);
  assert.deepEqual(Object.keys(columns[0]).sort(), ['id', 'zone']);
  await make.organizations.delete(made.id);
  const left = await make.organizations.list();
  assert.ok(!left.some(row => row.id === made.id));
});

test('the organization that the tests live in is read with its licence and teams', async () => {
  const read = await make.organizations.get(ORGANIZATION, { wait: true });
  assert.ok(read.teams.some(team => team.id === TEAM));
  assert.equal(typeof read.license.interval, 'number');
});

test('a team is created, read, listed and deleted', async () => {
  const name = unique('team');
  const made = await make.teams.create({ name, organizationId: ORGANIZATION });
  assert.equal(made.name, name);
  assert.equal(made.organizationId, ORGANIZATION);
  assert.equal((await make.teams.get(made.id)).name, name);
  assert.deepEqual(await make.teams.get(made.id, { cols: ['id', 'name'] }), { id: made.id, name });
  assert.ok((await make.teams.list(ORGANIZATION)).some(team => team.id === made.id));
  const page = await make.teams.list(ORGANIZATION, { pg: { limit: 1, offset: 1, sortBy: 'name', sortDir: 'asc' } });
  assert.equal(page.length, 1);
  const columns = await make.teams.list(ORGANIZATION, { cols: ['id', 'isPaused'], includePrivateSpaces: true });
  assert.deepEqual(Object.keys(columns[0]).sort(), ['id', 'isPaused']);
  await make.teams.delete(made.id);
  const [status] = await refusal(make.teams.get(made.id));
  assert.ok(status === 403 || status === 404, `${status}`);
});

test('roles are listed by category and read one by one', async () => {
  const all = await make.roles.list();
  const team = await make.roles.list({ category: 'team', cols: ['id', 'name', 'category'] });
  assert.ok(all.length > team.length);
  for (const role of team) assert.equal(role.category, 'team');
  const member = all.find(role => role.identifier === 'company:team-member');
  assert.equal(member.name, 'Team Member');
  const one = await make.roles.get(member.id);
  assert.equal(one.name, member.name);
  assert.ok(one.permissions.length > 0);
  const without = await make.roles.list({ category: 'team', excludeRole: [member.id] });
  assert.ok(!without.some(role => role.id === member.id));
  assert.ok((await make.roles.list({ organizationId: ORGANIZATION })).length > 0);
});

test('a custom role is created from permissions, changed and deleted', async () => {
  const permissions = await make.roles.permissions({ roleCategory: 'team' });
  assert.ok(permissions.length > 3);
  for (const permission of permissions) assert.equal(permission.roleCategory, 'team');
  const [first, second] = permissions;
  const name = unique('auditor');
  const made = await make.customRoles.create({ name, category: 'team', organizationId: ORGANIZATION, permissions: [first.id] });
  assert.equal(made.name, name);
  assert.equal(made.managementType, 'custom_managed');
  assert.deepEqual(made.permissions.map(permission => permission.id), [first.id]);
  const changed = await make.customRoles.update(made.id, { organizationId: ORGANIZATION, description: 'Looks.', permissions: [first.id, second.id] });
  assert.equal(changed.description, 'Looks.');
  assert.equal(changed.permissions.length, 2);
  assert.ok((await make.roles.list({ organizationId: ORGANIZATION })).some(role => role.id === made.id));
  assert.equal(await make.customRoles.delete(made.id, { organizationId: ORGANIZATION }), made.id);
});

test('an agent is registered, read, renamed and deleted', async () => {
  const name = unique('agent');
  const made = await make.onPremAgents.create(ORGANIZATION, { name });
  assert.equal(made.name, name);
  assert.equal(typeof made.clientSecret, 'string');
  const read = await make.onPremAgents.get(ORGANIZATION, made.id);
  assert.equal(read.status, 'REGISTERED');
  assert.ok(!('clientSecret' in read));
  const renamed = await make.onPremAgents.update(ORGANIZATION, made.id, { name: `${name}!` });
  assert.equal(renamed.name, `${name}!`);
  assert.ok((await make.onPremAgents.list(ORGANIZATION)).some(agent => agent.id === made.id));
  const [app] = await make.enums.connectedSystemApps();
  const inputs = await make.onPremAgents.getAppConfig(ORGANIZATION, made.id, app.name);
  assert.equal(typeof inputs[0].name, 'string');
  assert.equal(await make.onPremAgents.delete(ORGANIZATION, made.id), made.id);
});

test('a system is connected to an agent, read, renamed and deleted', async () => {
  const agent = await make.onPremAgents.create(ORGANIZATION, { name: unique('agent') });
  const [app] = await make.enums.connectedSystemApps();
  const [{ spec = [] }] = await make.onPremAgents.getAppConfig(ORGANIZATION, agent.id, app.name);
  const inputs = Object.fromEntries(spec.map(field => [field.name, 'https://acme.example']));
  const systems = make.connectedSystems;
  const name = unique('system');
  const made = await systems.create(ORGANIZATION, { name, agentId: agent.id, appName: app.name, inputs });
  assert.equal(made.agentId, agent.id);
  assert.equal((await systems.get(ORGANIZATION, made.id)).name, name);
  assert.equal((await systems.update(ORGANIZATION, made.id, { name: `${name}!` })).name, `${name}!`);
  assert.deepEqual((await systems.list(ORGANIZATION, agent.id)).map(system => system.id), [made.id]);
  assert.equal(await systems.delete(ORGANIZATION, made.id), made.id);
});

test('private spaces are off, and the SDK is told so', async () => {
  const { privateSpaces } = make;
  for (const call of [() => privateSpaces.list(ORGANIZATION), () => privateSpaces.get(1), () => privateSpaces.update(1, {})]) {
    assert.equal((await refusal(call()))[0], 403);
  }
});

test('the catalogues are listed', async () => {
  const zones = await make.enums.timezones();
  const prague = zones.find(zone => zone.code === 'Europe/Prague' || zone.name === 'Europe/Prague');
  assert.equal(typeof prague.offset, 'string');
  const countries = await make.enums.countries();
  assert.ok(countries.some(country => country.code2.length === 2 && country.code.length === 3));
  for (const region of await make.enums.regions()) assert.equal(typeof region.name, 'string');
});

test('public templates are listed and read', async () => {
  const templates = await make.publicTemplates.list({ includeEn: true });
  assert.ok(templates.length > 0);
  const [first] = templates;
  const one = await make.publicTemplates.get(first.url);
  assert.equal(one.name, first.name);
  const columns = await make.publicTemplates.list({ cols: ['id', 'name'], name: first.name });
  assert.deepEqual(Object.keys(columns[0]).sort(), ['id', 'name']);
  const { blueprint, scheduling } = await make.publicTemplates.getBlueprint(first.url);
  assert.ok(Array.isArray(blueprint.flow));
  assert.equal(typeof scheduling.type, 'string');
});
