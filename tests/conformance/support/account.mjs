// The account that the tests work in, and what they say in common.

import { Make } from '@makehq/sdk';

import { recorded } from './record.mjs';

/** What a new world has. */
export const TOKEN = '5a4db0c5-0000-4000-8000-000000000001';
export const ORGANIZATION = 1;
export const TEAM = 1;
export const OWNER = 1;

/** The vendor's client, with its calls noted. */
export function client(zone = process.env.CONFORMANCE_ZONE, token = TOKEN) {
  return recorded(new Make(token, zone));
}

/** An organization of a test's own, and the team that it begins with. */
export async function organization(make) {
  const made = await make.organizations.create({ name: unique('organization'), regionId: 1, timezoneId: 113, countryId: 1 });
  return { id: made.id, team: made.teams[0].id };
}

/** A blueprint that does nothing. */
export function empty(name) {
  return { name, flow: [], metadata: {} };
}

/** A blueprint that a webhook starts. */
export function instant(name, hook) {
  const trigger = { id: 1, module: 'gateway:CustomWebHook', version: 1, parameters: { hook, maxResults: 1 }, mapper: {} };
  return { name, flow: [trigger], metadata: {} };
}

/** A name that no other test has. */
export function unique(name) {
  return `${name} ${process.pid}.${++made}`;
}
let made = 0;

/** What a call that must fail fails with: `[status, message]`. */
export async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return [error.statusCode, error.message];
  }
  throw new Error('the call was not refused');
}
