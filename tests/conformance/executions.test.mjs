// Runs, their logs, and the runs that failed and are kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TEAM, client, empty, instant, refusal, unique } from './support/account.mjs';
import { failing, incomplete } from './support/failing.mjs';

const make = client();

test('a scenario is run, and its executions are listed and read', async () => {
  const made = await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'on-demand' }, blueprint: empty(unique('runs')) });
  const [, inactive] = await refusal(make.scenarios.run(made.id));
  assert.match(inactive, /not activated/);
  await make.scenarios.activate(made.id);
  const ran = await make.scenarios.run(made.id, { any: 'data' });
  assert.match(ran.executionId, /^[0-9a-f]{32}$/);
  assert.equal(ran.status, 1);
  const queued = await make.scenarios.run(made.id, undefined, { responsive: false });
  assert.notEqual(queued.executionId, ran.executionId);

  const all = await make.executions.list(made.id);
  const ids = all.map(execution => execution.id);
  assert.ok(ids.includes(ran.executionId) && ids.includes(queued.executionId));
  const [execution] = all.filter(candidate => candidate.id === ran.executionId);
  assert.equal(execution.status, 1);
  assert.equal(execution.teamId, TEAM);
  for (const field of ['duration', 'operations', 'transfer', 'centicredits']) assert.equal(typeof execution[field], 'number');
  assert.match(execution.imtId, new RegExp(`_scenario\\.${made.id}\\.`));
  assert.equal((await make.executions.list(made.id, { pg: { limit: 1 } })).length, 1);
  assert.deepEqual((await make.executions.get(made.id, ran.executionId)).id, ran.executionId);
  const detail = await make.executions.getDetail(made.id, ran.executionId, { maxBytes: 100_000 });
  assert.equal(detail.status, 'SUCCESS');
  assert.equal((await refusal(make.executions.get(made.id, '0'.repeat(32))))[0], 404);
});

test('a run that fails is kept, looked at, mended and tried again', async () => {
  const scenario = await failing(make);
  assert.equal((await make.scenarios.get(scenario)).dlqCount, 1);
  const [execution] = await make.executions.list(scenario);
  assert.ok([2, 3].includes(execution.status), `${execution.status}`);
  const detail = await make.executions.getDetail(scenario, execution.id);
  assert.equal(typeof detail.error.message, 'string');

  const [item] = await incomplete(make, scenario);
  assert.equal(item.resolved, false);
  assert.equal(typeof item.reason, 'string');
  const one = await make.incompleteExecutions.get(item.id);
  assert.equal(one.id, item.id);
  assert.equal(one.scenarioId, scenario);
  const bundle = await make.incompleteExecutions.bundle(item.id);
  assert.equal(typeof bundle, 'object');

  await make.incompleteExecutions.retry(item.id);
  const tries = await make.executions.listForIncompleteExecution(item.id);
  assert.ok(tries.length > 0);
  assert.equal((await make.executions.listForIncompleteExecution(item.id, { pg: { limit: 1 } })).length, 1);
  const tried = await make.executions.getForIncompleteExecution(item.id, tries[0].id);
  assert.equal(tried.id, tries[0].id);

  const { interface: _, scheduling, ...blueprint } = await make.blueprints.get(scenario);
  blueprint.flow[1].mapper.json = '{}';
  const mended = await make.incompleteExecutions.update(item.id, { blueprint, failer: 2 });
  assert.equal(mended.failer, 2);
  assert.equal(mended.blueprint.flow[1].mapper.json, '{}');
  await make.incompleteExecutions.retryMultiple(scenario, { ids: [item.id] });
  const left = await make.incompleteExecutions.list(scenario);
  assert.ok(!left.some(row => row.id === item.id && !row.resolved));
});

test('what is posted to a webhook is learnt from, and starts its scenario', async () => {
  const hook = await make.hooks.create({ name: unique('posted to'), teamId: TEAM, typeName: 'gateway-webhook' });
  const name = unique('posted to');
  const made = await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'immediately' }, blueprint: instant(name, hook.id) });
  const post = async body => {
    const answer = await fetch(hook.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return answer.status;
  };
  await make.hooks.learnStart(hook.id);
  assert.equal(await post({ email: 'ada@acme.example' }), 200);
  assert.equal((await make.hooks.ping(hook.id)).learning, false);

  await make.scenarios.activate(made.id);
  assert.equal(await post({ email: 'bob@acme.example' }), 200);
  const executions = await make.executions.list(made.id);
  assert.ok(executions.length > 0);
  for (const execution of executions) assert.equal(execution.status, 1);
  await make.hooks.delete(hook.id);
  assert.equal(await post({ email: 'too late' }), 410);
});
