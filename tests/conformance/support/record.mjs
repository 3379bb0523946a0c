// Which calls were made and answered. Each test file is a process of its own: they all append to
// one file, a line for each call.

import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync } from 'node:fs';

const current = new AsyncLocalStorage();

const send = globalThis.fetch;
globalThis.fetch = (url, options) => {
  current.getStore()?.push(`${options?.method ?? 'GET'} ${template(new URL(url).pathname)}`);
  return send(url, options);
};

/** Notes a call that was answered, with its answer where that has a type of its own. */
export function note(client, call, requests, answer) {
  const line = JSON.stringify({ client, call, requests, answer });
  appendFileSync(process.env.CONFORMANCE_CALLS, `${line}\n`);
}

/** The endpoints of a client of the SDK, and below them their own: `dataStores.records`. */
export function endpointsOf(make) {
  const found = [];
  const visit = (path, value) => {
    if (value === null || typeof value !== 'object') return;
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype) found.push([path, value]);
    for (const [name, inner] of Object.entries(value)) visit(`${path}.${name}`, inner);
  };
  for (const [name, value] of Object.entries(make)) {
    if (name !== 'headers' && name !== 'retry') visit(name, value);
  }
  return found;
}

/** The methods of an endpoint, in the order of the SDK's source. */
export function methodsOf(endpoint) {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(endpoint));
  return names.filter(name => name !== 'constructor' && typeof endpoint[name] === 'function');
}

/**
 * Makes a client note each call that succeeds, with the requests that it sent. The client itself
 * and what it sends stay as they are.
 */
export function recorded(make) {
  for (const [path, endpoint] of endpointsOf(make)) {
    for (const name of methodsOf(endpoint)) {
      const method = endpoint[name].bind(endpoint);
      endpoint[name] = async (...args) => {
        // A method that calls another one is one call.
        if (current.getStore()) return method(...args);
        const requests = [];
        const answer = await current.run(requests, () => method(...args));
        // Chosen columns have no type to be held against.
        const isWhole = !args.some(argument => argument?.cols);
        note('sdk', `${path}.${name}`, requests, isWhole ? answer : undefined);
        return answer;
      };
    }
  }
  return make;
}

/** A path with `{id}` where a segment holds a digit: none that the API has by itself does. */
function template(path) {
  const segments = path.replace(/^\/api\/v2/, '').split('/');
  return segments.map(segment => (/\d/.test(segment) ? '{id}' : segment)).join('/');
}
