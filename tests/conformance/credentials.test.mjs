// Connections, keys and requests for credentials.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OWNER, TEAM, client, refusal, unique } from './support/account.mjs';

const make = client();
const connection = (more = {}) =>
  make.connections.create({ name: unique('connection'), accountName: 'airtable3', teamId: TEAM, data: { apiToken: 'secret' }, ...more });

test('a connection is created, read, listed, renamed, tested and deleted', async () => {
  const name = unique('airtable');
  const made = await connection({ name });
  assert.equal(made.name, name);
  assert.equal(made.accountName, 'airtable3');
  const read = await make.connections.get(made.id);
  assert.equal(read.teamId, TEAM);
  assert.ok(!JSON.stringify(read).includes('secret'));
  const columns = await make.connections.get(made.id, { cols: ['id', 'name', 'accountType'] });
  assert.deepEqual(Object.keys(columns).sort(), ['accountType', 'id', 'name']);

  const renamed = await make.connections.rename(made.id, `${name}!`);
  assert.equal(renamed.name, `${name}!`);
  const few = await make.connections.rename(made.id, name, { cols: ['id', 'name'] });
  assert.deepEqual(few, { id: made.id, name });
  const parameters = await make.connections.listEditableParameters(made.id);
  assert.ok(Array.isArray(parameters));
  assert.equal(await make.connections.update(made.id, { data: { apiToken: 'another' } }), true);
  assert.equal(await make.connections.verify(made.id), true);
  assert.equal(typeof (await make.connections.scoped(made.id, ['records:read'])), 'boolean');

  const all = await make.connections.list(TEAM);
  assert.ok(all.some(row => row.id === made.id && row.accountName === 'airtable3'));
  const typed = await make.connections.list(TEAM, { type: ['airtable3'], cols: ['id', 'accountName'] });
  assert.ok(typed.some(row => row.id === made.id));
  for (const row of typed) assert.equal(row.accountName, 'airtable3');
  await make.connections.delete(made.id);
  assert.equal((await refusal(make.connections.get(made.id)))[0], 404);
});

test('a key is created, read, listed, changed and deleted, and its secret never comes back', async () => {
  const name = unique('crm login');
  const parameters = { authUser: 'makeform', authPass: 'secret' };
  const made = await make.keys.create({ name, teamId: TEAM, typeName: 'basicauth', parameters });
  assert.equal(made.name, name);
  const read = await make.keys.get(made.id);
  assert.equal(read.typeName, 'basicauth');
  assert.equal(read.teamId, TEAM);
  assert.ok(!JSON.stringify([made, read]).includes('secret'));
  const renamed = await make.keys.update(made.id, { name: `${name}!` });
  assert.equal(renamed.name, `${name}!`);
  await make.keys.update(made.id, { parameters: { ...parameters, authPass: 'another' } });

  const all = await make.keys.list(TEAM);
  assert.ok(all.some(row => row.id === made.id && row.name === `${name}!`));
  const typed = await make.keys.list(TEAM, { typeName: 'basicauth', cols: ['id', 'typeName'] });
  assert.ok(typed.some(row => row.id === made.id));
  for (const row of typed) assert.equal(row.typeName, 'basicauth');
  const columns = await make.keys.get(made.id, { cols: ['id', 'typeName'] });
  assert.deepEqual(columns, { id: made.id, typeName: 'basicauth' });
  await make.keys.delete(made.id);
  assert.equal((await refusal(make.keys.get(made.id)))[0], 404);
});

test('the types of keys are listed', async () => {
  const types = await make.keys.types();
  const basic = types.find(type => type.name === 'basicauth');
  assert.equal(typeof basic.label, 'string');
  assert.ok(Array.isArray(basic.parameters));
});

test('credentials are requested, looked at, declined, taken back and deleted', async () => {
  const name = unique('request');
  const made = await make.credentialRequests.createByCredentials({
    name,
    teamId: TEAM,
    connections: [{ type: 'slack', scope: ['chat:write'] }],
    keys: [{ type: 'basicauth' }],
  });
  assert.equal(made.request.name, name);
  assert.equal(made.credentials.length, 2);
  assert.match(made.publicUri, /^https?:\/\//);
  const { id } = made.request;
  const read = await make.credentialRequests.get(id);
  assert.equal(read.name, name);
  assert.equal(read.teamId, TEAM);
  const detail = await make.credentialRequests.getDetail(id);
  assert.deepEqual(detail.credentials.map(credential => credential.id).sort(), made.credentials.map(credential => credential.id).sort());
  assert.equal(detail.user.id, OWNER);

  assert.ok((await make.credentialRequests.list(TEAM)).some(request => request.id === id));
  const named = await make.credentialRequests.list({ teamId: TEAM, name });
  assert.deepEqual(named.map(request => request.id), [id]);

  const [first, second] = made.credentials;
  const declined = await make.credentialRequests.declineCredential(first.id, 'not mine');
  assert.equal(declined.declineReason, 'not mine');
  const removed = await make.credentialRequests.deleteCredential(second.id);
  assert.equal(removed.id, second.id);
  await make.credentialRequests.delete(id);
  assert.equal((await refusal(make.credentialRequests.get(id)))[0], 404);
});

test('credentials are requested for the modules of an app, and for more scopes of a connection', async () => {
  const action = await make.credentialRequests.createAction({
    name: unique('action'),
    teamId: TEAM,
    credentials: [{ appName: 'slack', appModules: ['CreateMessage'] }],
  });
  assert.match(action.publicUri, /^https?:\/\//);
  const plain = await make.credentialRequests.create({
    name: unique('plain'),
    teamId: TEAM,
    connections: [{ type: 'slack' }],
    provider: { providerMakeUserId: OWNER },
  });
  assert.equal(typeof plain.id, 'string');
  const [slack] = await make.connections.list(TEAM, { type: ['slack'] });
  const extended = await make.credentialRequests.extendConnection({ connectionId: slack.id, scopes: ['chat:write'] });
  assert.match(extended.publicUri, /^https?:\/\//);
  const modules = await make.credentialRequests.listAppModulesWithCredentials('slack', 'latest');
  assert.ok(Array.isArray(modules));
});
