// Custom properties: their structure, and what scenarios hold of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ORGANIZATION, TEAM, client, empty, refusal, unique } from './support/account.mjs';

const make = client();

/** An organization has one structure for scenarios: the first test that wants it makes it. */
async function structure() {
  const [found] = await make.customPropertyStructures.list(ORGANIZATION);
  if (found) return found;
  return make.customPropertyStructures.create({ associatedType: 'scenario', belongerType: 'organization', belongerId: ORGANIZATION });
}

test('a structure has items, which are created, listed, changed and deleted', async () => {
  const { id } = await structure();
  const [listed] = await make.customPropertyStructures.list(ORGANIZATION);
  assert.equal(listed.id, id);
  assert.deepEqual(listed.belongers.map(belonger => belonger.belongerId), [ORGANIZATION]);

  const { items } = make.customPropertyStructures;
  const text = await items.create(id, { name: 'owner1', label: 'Owner', description: 'Whom to ask.', type: 'shortText', required: false });
  assert.equal(text.structureId, id);
  const options = [{ value: 'low' }, { value: 'high' }];
  const choice = await items.create(id, { name: 'risk1', label: 'Risk', type: 'dropdown', options, required: false });
  assert.deepEqual(choice.options.map(option => option.value), ['low', 'high']);
  const changed = await items.update(text.id, { label: 'Owned by' });
  assert.equal(changed.label, 'Owned by');
  assert.equal(changed.name, 'owner1');
  const all = await items.list(id);
  assert.deepEqual(all.map(item => item.name).filter(name => /1$/.test(name)).sort(), ['owner1', 'risk1']);
  const dropdowns = await items.list(id, { type: 'dropdown', cols: ['id', 'name', 'type'] });
  assert.ok(dropdowns.some(item => item.id === choice.id));
  for (const item of dropdowns) assert.equal(item.type, 'dropdown');
  await items.delete(text.id, { confirmed: true });
  await items.delete(choice.id, { confirmed: true });
  assert.ok(!(await items.list(id)).some(item => item.id === text.id));
});

test('a scenario is given properties once, then they are changed, replaced and deleted', async () => {
  const { id } = await structure();
  const { items } = make.customPropertyStructures;
  const owner = await items.create(id, { name: 'owner2', label: 'Owner', type: 'shortText', required: false });
  const size = await items.create(id, { name: 'size2', label: 'Size', type: 'number', required: false });
  const scenario = await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'on-demand' }, blueprint: empty(unique('properties')) });
  const { customProperties } = make.scenarios;

  const [, missing] = await refusal(customProperties.update(scenario.id, { owner2: 'Ada' }));
  assert.equal(typeof missing, 'string');
  assert.deepEqual(await customProperties.create(scenario.id, { owner2: 'Ada', size2: 3 }), { owner2: 'Ada', size2: 3 });
  await refusal(customProperties.create(scenario.id, { owner2: 'Ada' }));
  assert.deepEqual(await customProperties.get(scenario.id), { owner2: 'Ada', size2: 3 });
  assert.equal((await customProperties.update(scenario.id, { owner2: 'Bob' })).owner2, 'Bob');
  assert.equal((await customProperties.get(scenario.id)).size2, 3);
  const replaced = await customProperties.replace(scenario.id, { owner2: 'Cleo' });
  assert.equal(replaced.owner2, 'Cleo');
  assert.equal(replaced.size2 ?? null, null);
  await customProperties.delete(scenario.id);
  await refusal(customProperties.update(scenario.id, { owner2: 'Ada' }));
  for (const item of [owner, size]) await items.delete(item.id, { confirmed: true });
});
