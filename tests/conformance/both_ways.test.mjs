// What the vendor's client wrote, makeform exports and plans; what makeform applied, the vendor's
// client reads. Each test has a world of its own, with a project that names it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ORGANIZATION, TEAM, client, empty, instant } from './support/account.mjs';
import { serve } from './support/server.mjs';

const run = promisify(execFile);
const program = process.env.CONFORMANCE_PROGRAM;
const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** A copy of the examples whose sandbox is served, and `makeform` to be run in it. */
async function project(t, { empty: isEmpty = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'makeform-both-ways-'));
  const wanted = path => !path.includes('.makeform') && !(isEmpty && path.includes('manifests'));
  cpSync(examples, folder, { recursive: true, filter: wanted });
  const world = join(folder, '.makeform/sandbox');
  const sandbox = await serve({ program, world, authority: process.env.CONFORMANCE_WORLD });
  t.after(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  });
  const makeform = async (...args) => {
    const ended = await run(program, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } });
    return ended.stdout + ended.stderr;
  };
  return { folder, make: client(sandbox.zone), makeform };
}

/** Without what the server computes and what the client adds. */
function stored({ scheduling, interface: _, ...blueprint }) {
  const { instant: __, ...metadata } = blueprint.metadata ?? {};
  return { ...blueprint, metadata };
}

test('what the SDK wrote, makeform exports and plans without changes', async t => {
  const { make, makeform } = await project(t, { empty: true });
  const folder = await make.folders.create({ name: 'Sales', teamId: TEAM });
  const inner = await make.folders.create({ name: 'Leads', teamId: TEAM, parentId: folder.id });
  const hook = await make.hooks.create({ name: 'Leads', teamId: TEAM, typeName: 'gateway-webhook' });
  await make.hooks.update(hook.id, { data: { headers: true, method: false, stringify: false, ip: null, udt: null } });
  const { id: lead } = await make.scenarios.create({ teamId: TEAM, folderId: inner.id, scheduling: { type: 'immediately' }, blueprint: instant('Lead intake', hook.id) });
  await make.scenarios.update(lead, { description: 'Made by the SDK.' });
  await make.scenarios.activate(lead);
  const [slack] = await make.connections.list(TEAM, { type: ['slack'] });
  const post = { id: 2, module: 'slack:CreateMessage', version: 4, parameters: { __IMTCONN__: slack.id }, mapper: { channel: '/sales', text: '{{1.a}}' } };
  const nightly = { name: 'Nightly', flow: [post], metadata: { version: 1, scenario: { maxErrors: 5 } } };
  await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'daily', time: '02:30' }, blueprint: nightly });
  const spec = [{ type: 'text', name: 'email', label: 'E-mail', required: true, multiline: false }];
  const structure = await make.dataStructures.create({ teamId: TEAM, name: 'Customer', strict: true, spec });
  const store = await make.dataStores.create({ teamId: TEAM, name: 'Customers', maxSizeMB: 1, datastructureId: structure.id });
  const look = { id: 1, module: 'datastore:GetRecord', version: 1, parameters: { datastore: store.id }, mapper: { key: 'ada', returnWrapped: true } };
  await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'on-demand' }, blueprint: { name: 'Look up', flow: [look], metadata: {} } });
  const input = [{ name: 'email', type: 'text', required: true }];
  const asked = { ...empty('On request'), scheduling: { type: 'on-demand' }, interface: { input, output: [] } };
  await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'on-demand' }, blueprint: asked });

  const exported = await makeform('export', '--out', 'exported');
  assert.match(exported, /no changes/i);
  const plan = await makeform('-C', 'exported', 'plan', '--detailed-exitcode');
  assert.match(plan, /No changes/);
  // One more edit by the SDK is one change.
  await make.scenarios.update(lead, { description: 'Edited by the SDK.' });
  await assert.rejects(makeform('-C', 'exported', 'plan', '--detailed-exitcode'), error => {
    assert.equal(error.code, 2);
    assert.match(error.stdout, /Edited by the SDK/);
    return true;
  });
});

test('what makeform applied, the SDK reads', async t => {
  const { folder, make, makeform } = await project(t);
  await makeform('apply', '--auto-approve');

  const rows = await make.scenarios.list(TEAM, { pg: { limit: 100, sortBy: 'name', sortDir: 'asc' } });
  const named = name => rows.find(row => row.name === name);
  const [lead, report, orders, status] = ['Lead Sync to CRM', 'Orders report', 'Orders to Airtable', 'Order status'].map(named);
  assert.deepEqual([lead, report, orders].map(row => row.isActive), [true, false, true]);
  const { input } = await make.scenarios.getInterface(status.id);
  assert.deepEqual(input.map(field => field.name), ['order', 'urgent']);
  assert.deepEqual((await make.blueprints.get(status.id)).interface.input, input);
  assert.deepEqual(lead.scheduling, { type: 'immediately' });
  assert.match(lead.description, /^Copies leads/);
  assert.deepEqual(orders.scheduling, report.scheduling);
  const folders = await make.folders.list(TEAM, { childrenDepth: 'all' });
  assert.deepEqual(folders.map(row => [row.name, row.scenariosTotal]), [['CRM', 1]]);
  assert.equal(lead.folderId, folders[0].id);

  const [hook] = await make.hooks.list(TEAM);
  assert.equal(hook.name, 'Leads from the website');
  assert.equal(hook.scenarioId, lead.id);
  const file = join(folder, 'manifests/lead-to-crm/lead-sync.blueprint.json');
  const wanted = JSON.parse(readFileSync(file, 'utf8'));
  const read = stored(await make.blueprints.get(lead.id));
  assert.deepEqual(read.flow.map(module => module.module), wanted.flow.map(module => module.module));
  assert.equal(read.flow[0].parameters.hook, hook.id);
  assert.equal(read.metadata.scenario.maxErrors, 5);
  assert.equal(read.metadata.scenario.dlq, true);

  // What the SDK reads and writes back unchanged is no change to makeform.
  const { scheduling, interface: _, ...blueprint } = await make.blueprints.get(report.id);
  await make.scenarios.update(report.id, { blueprint, scheduling });
  assert.match(await makeform('plan', '--detailed-exitcode'), /No changes/);
  const everywhere = await make.scenarios.listInOrganization(ORGANIZATION, { pg: { limit: 100 } });
  assert.equal(everywhere.length, rows.length);
});
