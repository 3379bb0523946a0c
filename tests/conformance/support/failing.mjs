// A scenario whose runs fail and are kept as incomplete executions.

import { TEAM, unique } from './account.mjs';

/**
 * Makes a scenario that keeps its failed runs, and runs it once.
 *
 * @returns {Promise<number>} its id
 */
export async function failing(make) {
  const name = unique('fails');
  // What is no JSON cannot be parsed. Of a run that fails at its first module nothing is kept.
  const flow = [
    { id: 1, module: 'util:SetVariable2', version: 1, parameters: {}, mapper: { name: 'a', scope: 'roundtrip', value: 'b' } },
    { id: 2, module: 'json:ParseJSON', version: 1, parameters: {}, mapper: { json: 'no JSON' } },
  ];
  const metadata = { version: 1, scenario: { dlq: true, maxErrors: 100 } };
  const made = await make.scenarios.create({ teamId: TEAM, scheduling: { type: 'on-demand' }, blueprint: { name, flow, metadata } });
  await make.scenarios.activate(made.id);
  await make.scenarios.run(made.id, {}, { responsive: true }).catch(() => {});
  return made.id;
}

/** The incomplete executions of a scenario. */
export async function incomplete(make, scenario) {
  const found = await make.incompleteExecutions.list(scenario);
  if (found.length === 0) throw new Error(`scenario ${scenario} has no incomplete execution`);
  return found;
}
