// Webhooks and mailhooks, as objects of the API.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TEAM, client, instant, refusal, unique } from './support/account.mjs';

const make = client();
const create = (name, more = {}) => make.hooks.create({ name, teamId: TEAM, typeName: 'gateway-webhook', ...more });

test('a webhook is created with what it leaves out filled in, read, renamed and deleted', async () => {
  const name = unique('orders');
  const made = await create(name);
  assert.equal(made.name, name);
  assert.equal(made.type, 'web');
  assert.equal(made.typeName, 'gateway-webhook');
  assert.equal(made.enabled, true);
  assert.equal(made.gone, false);
  assert.equal(made.queueCount, 0);
  assert.match(made.url, /^https?:\/\//);
  assert.ok(made.url.endsWith(made.udid));
  for (const field of ['headers', 'method', 'stringify']) assert.equal(made.data[field], false);
  assert.deepEqual(await make.hooks.get(made.id), made);

  const given = await create(unique('given'), { data: { headers: true, method: true, stringify: false } });
  assert.equal(given.data.headers, true);
  assert.equal(given.data.method, true);

  const renamed = await make.hooks.rename(made.id, `${name}!`);
  assert.equal(renamed.name, `${name}!`);
  assert.equal(renamed.url, made.url);
  await make.hooks.delete(made.id);
  assert.equal((await refusal(make.hooks.get(made.id)))[0], 404);
});

test('a mailhook has an address', async () => {
  const made = await create(unique('inbox'), { typeName: 'gateway-mailhook' });
  assert.equal(made.type, 'mail');
  assert.match(made.url, /@/);
});

test('settings change by themselves', async () => {
  const made = await create(unique('settings'));
  const data = { ip: '192.0.2.0/24', udt: null, headers: true, method: false, stringify: true };
  assert.equal(await make.hooks.update(made.id, { data }), true);
  const read = await make.hooks.get(made.id);
  for (const [field, value] of Object.entries(data)) assert.deepEqual(read.data[field], value);
});

test('a new webhook learns until it is told to stop, and again when asked', async () => {
  const made = await create(unique('learns'));
  const ping = await make.hooks.ping(made.id);
  assert.equal(ping.address, made.url);
  assert.equal(ping.attached, false);
  assert.equal(ping.learning, true);
  assert.equal(ping.gone, false);
  await make.hooks.learnStop(made.id);
  assert.equal((await make.hooks.ping(made.id)).learning, false);
  await make.hooks.learnStart(made.id);
  assert.equal((await make.hooks.ping(made.id)).learning, true);
});

test('a webhook is disabled and enabled', async () => {
  const made = await create(unique('disabled'));
  await make.hooks.disable(made.id);
  assert.equal((await make.hooks.get(made.id)).enabled, false);
  await make.hooks.enable(made.id);
  assert.equal((await make.hooks.get(made.id)).enabled, true);
});

test('lists tell webhooks in use from those that are free', async () => {
  const free = await create(unique('free'));
  const used = await create(unique('used'));
  const mail = await create(unique('mail'), { typeName: 'gateway-mailhook' });
  const name = unique('uses it');
  const scenario = await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'immediately' }, blueprint: instant(name, used.id) });
  const ids = async options => (await make.hooks.list(TEAM, options)).map(hook => hook.id);

  const all = await make.hooks.list(TEAM);
  const names = all.map(hook => hook.name);
  assert.deepEqual(names, [...names].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase())));
  assert.equal(all.find(hook => hook.id === used.id).scenarioId, scenario.id);
  assert.equal((await make.hooks.ping(used.id)).attached, true);
  assert.ok((await ids({ assigned: true })).includes(used.id));
  assert.ok(!(await ids({ assigned: true })).includes(free.id));
  assert.ok((await ids({ assigned: false })).includes(free.id));
  assert.ok(!(await ids({ assigned: false })).includes(used.id));
  const mails = await ids({ typeName: 'gateway-mailhook' });
  assert.ok(mails.includes(mail.id) && !mails.includes(free.id));
  const offered = await ids({ assigned: false, viewForScenarioId: scenario.id });
  assert.ok(offered.includes(used.id) && offered.includes(free.id));
  assert.ok((await ids({ pg: { limit: 2 } })).length >= 2);
});
