// Data stores, their records, data structures, functions and devices.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TEAM, client, refusal, unique } from './support/account.mjs';

const make = client();
const spec = [
  { type: 'text', name: 'email', label: 'E-mail', required: true, multiline: false },
  { type: 'number', name: 'age' },
];
const structure = (more = {}) => make.dataStructures.create({ teamId: TEAM, name: unique('customer'), strict: false, spec, ...more });
const store = (more = {}) => make.dataStores.create({ teamId: TEAM, name: unique('customers'), maxSizeMB: 1, ...more });

test('a data structure is created, read, changed, cloned and deleted', async () => {
  const made = await structure({ strict: true });
  assert.equal(made.teamId, TEAM);
  assert.equal(made.strict, true);
  assert.deepEqual(made.spec, spec);
  const read = await make.dataStructures.get(made.id);
  assert.deepEqual(read, made);
  const changed = await make.dataStructures.update(made.id, { strict: false, spec: [spec[0]] });
  assert.equal(changed.name, made.name);
  assert.equal(changed.strict, false);
  assert.deepEqual(changed.spec, [spec[0]]);
  const name = unique('clone');
  const clone = await make.dataStructures.clone(made.id, { name, targetTeamId: TEAM });
  assert.notEqual(clone.id, made.id);
  const cloned = await make.dataStructures.get(clone.id);
  assert.equal(cloned.name, name);
  assert.deepEqual(cloned.spec, [spec[0]]);

  const listed = await make.dataStructures.list(TEAM, { cols: ['id', 'name', 'spec', 'strict'] });
  assert.deepEqual(listed.find(row => row.id === clone.id), { id: clone.id, name, spec: [spec[0]], strict: false });
  const page = await make.dataStructures.list(TEAM, { pg: { limit: 1, sortBy: 'name', sortDir: 'desc' } });
  assert.equal(page.length, 1);
  await make.dataStructures.delete(clone.id);
  await make.dataStructures.delete(made.id);
  assert.equal((await refusal(make.dataStructures.get(made.id)))[0], 404);
});

test('a data store is created, read, listed, changed and deleted', async () => {
  const { id: datastructureId } = await structure();
  const made = await store({ datastructureId });
  assert.equal(made.teamId, TEAM);
  assert.equal(made.datastructureId, datastructureId);
  assert.equal(made.records, 0);
  assert.equal(made.size, '0');
  assert.equal(made.maxSize, '1048576');
  assert.equal((await make.dataStores.get(made.id)).name, made.name);
  const columns = await make.dataStores.get(made.id, { cols: ['id', 'datastructureId'] });
  assert.deepEqual(columns, { id: made.id, datastructureId });
  const other = await store();
  const changed = await make.dataStores.update(made.id, { name: unique('renamed'), maxSizeMB: 2 });
  assert.equal(changed.maxSize, '2097152');
  assert.equal(changed.datastructureId, datastructureId);

  const listed = await make.dataStores.list(TEAM, { pg: { limit: 10_000 } });
  assert.ok(listed.some(row => row.id === made.id && row.name === changed.name));
  const page = await make.dataStores.list(TEAM, { cols: ['id'], pg: { limit: 1, offset: 1, sortBy: 'name', sortDir: 'asc' } });
  assert.equal(page.length, 1);
  assert.deepEqual(Object.keys(page[0]), ['id']);
  await make.dataStores.delete(other.id);
  assert.equal((await refusal(make.dataStores.get(other.id)))[0], 404);
});

test('records are added, listed in pages, changed, replaced and deleted', async () => {
  const { id } = await store();
  const data = { email: 'ada@acme.example', age: 36 };
  const keyed = await make.dataStores.records.create(id, 'ada1', data);
  assert.deepEqual(keyed, { key: 'ada1', data });
  const unkeyed = await make.dataStores.records.create(id, { email: 'bob@acme.example' });
  assert.equal(typeof unkeyed.key, 'string');
  assert.equal((await make.dataStores.get(id)).records, 2);

  const changed = await make.dataStores.records.update(id, 'ada1', { age: 37 });
  assert.deepEqual(changed, { key: 'ada1', data: { email: 'ada@acme.example', age: 37 } });
  const replaced = await make.dataStores.records.replace(id, 'ada1', { email: 'ada@acme.example' });
  assert.deepEqual(replaced, { key: 'ada1', data: { email: 'ada@acme.example' } });

  const all = await make.dataStores.records.list(id);
  assert.deepEqual(all.map(record => record.key).sort(), ['ada1', unkeyed.key].sort());
  const first = await make.dataStores.records.list(id, { pg: { limit: 1 } });
  const second = await make.dataStores.records.list(id, { pg: { limit: 1, offset: 1 } });
  assert.deepEqual([first, second].map(page => page.length), [1, 1]);
  assert.notEqual(first[0].key, second[0].key);

  await make.dataStores.records.delete(id, ['ada1']);
  assert.deepEqual((await make.dataStores.records.list(id)).map(record => record.key), [unkeyed.key]);
});

test('a function is created, checked, read, changed and deleted, with a history', async () => {
  const name = `twice${process.pid}`;
  const code = 'function twice(number) { return 2 * number; }'.replace('twice', name);
  const made = await make.functions.create(TEAM, { name, description: 'Doubles.', code });
  assert.equal(made.name, name);
  const read = await make.functions.get(made.id);
  assert.equal(read.code, code);
  assert.equal(read.args, '(number)');
  assert.deepEqual(read.scenarios, []);
  const next = code.replace('2 *', '3 *');
  await make.functions.update(made.id, { description: 'Triples.', code: next });
  assert.equal((await make.functions.get(made.id)).code, next);
  const [past] = await make.functions.history(TEAM, made.id);
  assert.equal(past.previousCode, code);

  assert.deepEqual(await make.functions.check(TEAM, code), { success: true, error: null });
  const wrong = await make.functions.check(TEAM, 'function (');
  assert.equal(wrong.success, false);
  assert.equal(typeof wrong.error, 'string');

  const listed = await make.functions.list(TEAM);
  const row = listed.find(candidate => candidate.id === made.id);
  assert.equal(row.description, 'Triples.');
  assert.ok(!('code' in row));
  const few = await make.functions.list(TEAM, { cols: ['id', 'name'] });
  assert.deepEqual(Object.keys(few[0]).sort(), ['id', 'name']);
  await make.functions.delete(made.id);
  assert.equal((await refusal(make.functions.get(made.id)))[0], 404);
});

test('devices are listed', async () => {
  const devices = await make.devices.list(TEAM);
  assert.ok(Array.isArray(devices));
  for (const device of devices) assert.equal(device.teamId, TEAM);
  for (const device of await make.devices.list(TEAM, { cols: ['id', 'name'] })) {
    assert.deepEqual(Object.keys(device).sort(), ['id', 'name']);
  }
});
