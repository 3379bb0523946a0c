// Folders of scenarios, one inside another.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TEAM, client, empty, refusal, unique } from './support/account.mjs';

const make = client();

test('folders are made one inside another, listed by level or whole, moved and deleted', async () => {
  const name = unique('top');
  const top = await make.folders.create({ name, teamId: TEAM });
  assert.equal(top.name, name);
  assert.equal(top.parentId, null);
  assert.equal(top.scenariosTotal, 0);
  const inner = await make.folders.create({ name: unique('inner'), teamId: TEAM, parentId: top.id });
  assert.equal(inner.parentId, top.id);
  await make.scenarios.create({ teamId: TEAM, folderId: inner.id, scheduling: { type: 'on-demand' }, blueprint: empty(unique('inside')) });

  const level = await make.folders.list(TEAM);
  assert.ok(level.some(folder => folder.id === top.id));
  assert.ok(!level.some(folder => folder.id === inner.id));
  const below = await make.folders.list(TEAM, { parentId: top.id });
  assert.deepEqual(below.map(folder => folder.id), [inner.id]);
  const columns = await make.folders.list(TEAM, { cols: ['id', 'name', 'scenariosTotal', 'scenariosSubtreeTotal', 'hasChildren'] });
  const seen = columns.find(folder => folder.id === top.id);
  assert.deepEqual(seen, { id: top.id, name, scenariosTotal: 0, scenariosSubtreeTotal: 1, hasChildren: true });
  const tree = await make.folders.list(TEAM, { childrenDepth: 'all' });
  const found = tree.find(folder => folder.id === top.id);
  assert.deepEqual(found.children.map(folder => folder.id), [inner.id]);

  const renamed = await make.folders.update(inner.id, { name: `${name}, inner` });
  assert.equal(renamed.name, `${name}, inner`);
  assert.equal(renamed.parentId, top.id);
  const moved = await make.folders.update(inner.id, { parentId: null }, { cols: ['id', 'parentId'] });
  assert.deepEqual(moved, { id: inner.id, parentId: null });

  await make.folders.delete(top.id);
  const left = await make.folders.list(TEAM);
  assert.ok(!left.some(folder => folder.id === top.id));
  assert.equal((await refusal(make.folders.update(top.id, { name: 'gone' })))[0], 404);
});
