import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startServer } from './support/server.js';

describe('without a database', () => {
  let server;
  before(async () => {
    server = await startServer({ APP_VERSION: 'v<7>', IMAGE: 'registry/notes@sha256:1' });
  });
  after(() => server.stop());

  for (const path of ['/healthz', '/readyz'])
    it(`is healthy by ${path}, and says that there is no database`, async () => {
      const response = await fetch(server.url + path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.deepEqual(await response.json(), {
        status: 'ok',
        database: 'none',
        version: 'v<7>',
        instance: 'i-test',
      });
    });

  it('shows a page that says so, with version, image and instance, escaped', async () => {
    const response = await fetch(server.url);
    assert.equal(response.status, 200);
    const html = await response.text();
    assert.match(html, /No database is configured/);
    assert.match(html, /version v&lt;7&gt;, answered by i-test, image registry\/notes@sha256:1/);
    assert.equal(response.headers.get('x-app-version'), 'v<7>');
    assert.equal(response.headers.get('x-instance'), 'i-test');
  });

  it('answers the API with 503 and the reason', async () => {
    const response = await fetch(`${server.url}/api/notes`);
    assert.equal(response.status, 503);
    const { error } = await response.json();
    assert.equal(error.code, 'no-database');
    assert.match(error.message, /DATABASE_URL is not set/);
  });

  it('sends security headers and does not name its framework', async () => {
    const { headers } = await fetch(server.url);
    assert.match(headers.get('content-security-policy'), /default-src 'none'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-powered-by'), null);
  });

  it('answers what does not exist with JSON', async () => {
    const response = await fetch(`${server.url}/nothing`);
    assert.equal(response.status, 404);
    assert.equal((await response.json()).error.code, 'not-found');
  });

  it('keeps a well-formed request id, replaces another, and logs it', async () => {
    const kept = await fetch(`${server.url}/?password=hunter2`, { headers: { 'X-Request-Id': 'abc-1' } });
    assert.equal(kept.headers.get('x-request-id'), 'abc-1');
    const replaced = await fetch(server.url, { headers: { 'X-Request-Id': 'a b{"' } });
    assert.match(replaced.headers.get('x-request-id'), /^[0-9a-f-]{36}$/);
    const line = await server.logged((entry) => entry.requestId === 'abc-1');
    assert.deepEqual([line.method, line.path, line.status, line.level], ['GET', '/', 200, 'info']);
    assert.doesNotMatch(JSON.stringify(server.log), /hunter2/);
  });
});

describe('a setting that can not be used', () => {
  it('ends the process at once with the reason', async () => {
    const { exit } = await startServer({ PORT: 'eighty' });
    const { code, errors } = await exit;
    assert.equal(code, 1);
    assert.match(errors, /PORT is \\"eighty\\"/);
  });
});
