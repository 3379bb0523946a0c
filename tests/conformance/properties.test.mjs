// Custom properties: their structure, and what scenarios hold of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { client, empty, organization, refusal, unique } from './support/account.mjs';

const make = client();

/** An organization with a structure for its scenarios, of which it can have one. */
async function structure() {
  const { id: organizationId, team } = await organization(make);
  const body = { associatedType: 'scenario', belongerType: 'organization', belongerId: organizationId };
  const made = await make.customPropertyStructures.create(body);
  await refusal(make.customPropertyStructures.create(body));
  return { id: made.id, organizationId, team };
}

test('a structure has items, which are created, listed, changed and deleted', async () => {
  const { id, organizationId } = await structure();
  const [listed] = await make.customPropertyStructures.list(organizationId);
  assert.equal(listed.id, id);
  assert.deepEqual(listed.belongers.map(belonger => belonger.belongerId), [organizationId]);

  const { items } = make.customPropertyStructures;
  const text = await items.create(id, { name: 'owner', label: 'Owner', description: 'Whom to ask.', type: 'shortText', required: false });
  assert.equal(text.structureId, id);
  const options = [{ value: 'low' }, { value: 'high' }];
  const choice = await items.create(id, { name: 'risk', label: 'Risk', type: 'dropdown', options, required: false });
  assert.deepEqual(choice.options.map(option => option.value), ['low', 'high']);
  const changed = await items.update(text.id, { label: 'Owned by' });
  assert.equal(changed.label, 'Owned by');
  assert.equal(changed.name, 'owner');
  const all = await items.list(id);
  assert.deepEqual(all.map(item => item.name).sort(), ['owner', 'risk']);
  const dropdowns = await items.list(id, { type: 'dropdown', cols: ['id', 'name', 'type'] });
  assert.ok(dropdowns.some(item => item.id === choice.id));
  for (const item of dropdowns) assert.equal(item.type, 'dropdown');
  await items.delete(text.id, { confirmed: true });
  await items.delete(choice.id, { confirmed: true });
  assert.ok(!(await items.list(id)).some(item => item.id === text.id));
});

test('a scenario is given properties once, then they are changed, replaced and deleted', async () => {
  const { id, team } = await structure();
  const { items } = make.customPropertyStructures;
  await items.create(id, { name: 'owner', label: 'Owner', type: 'shortText', required: false });
  await items.create(id, { name: 'size', label: 'Size', type: 'number', required: false });
  const scenario = await make.scenarios.create({ teamId: team, scheduling: { type: 'on-demand' }, blueprint: empty(unique('properties')) });
  const { customProperties } = make.scenarios;

  const [, missing] = await refusal(customProperties.update(scenario.id, { owner: 'Ada' }));
  assert.equal(typeof missing, 'string');
  assert.deepEqual(await customProperties.create(scenario.id, { owner: 'Ada', size: 3 }), { owner: 'Ada', size: 3 });
  await refusal(customProperties.create(scenario.id, { owner: 'Ada' }));
  assert.deepEqual(await customProperties.get(scenario.id), { owner: 'Ada', size: 3 });
  assert.equal((await customProperties.update(scenario.id, { owner: 'Bob' })).owner, 'Bob');
  assert.equal((await customProperties.get(scenario.id)).size, 3);
  const replaced = await customProperties.replace(scenario.id, { owner: 'Cleo' });
  assert.equal(replaced.owner, 'Cleo');
  assert.equal(replaced.size ?? null, null);
  await customProperties.delete(scenario.id);
  await refusal(customProperties.update(scenario.id, { owner: 'Ada' }));
});
