import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { migrate } from '../src/migrate.js';
import { startPostgres } from './support/postgres.js';
import { startServer, until } from './support/server.js';

const postgres = await startPostgres();

describe('with PostgreSQL', { skip: postgres.missing }, () => {
  after(() => postgres.stop());

  describe('migrations', () => {
    it('can be run by many instances at once and apply each file once', async () => {
      const runs = await Promise.all(Array.from({ length: 8 }, () => migrate(postgres.url)));
      assert.deepEqual(runs.flat(), ['001_notes.sql']);
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      const { rows } = await client.query('SELECT name FROM schema_migrations');
      await client.end();
      assert.deepEqual(rows, [{ name: '001_notes.sql' }]);
    });

    it('leave nothing of a file that fails, and name it', async () => {
      const directory = new URL('./support/bad-migrations/', import.meta.url);
      await assert.rejects(
        migrate(postgres.url, directory),
        /migration 900_half\.sql failed: .*no_such_table/,
      );
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      const { rows } = await client.query("SELECT to_regclass('half') AS half");
      await client.end();
      assert.deepEqual(rows, [{ half: null }]);
    });
  });

  describe('the API', () => {
    let server;
    before(async () => {
      server = await startServer({ DATABASE_URL: postgres.url });
      await until(`${server.url}/healthz`, (status) => status === 200);
    });
    after(() => server.stop());

    const post = (body, headers = { 'Content-Type': 'application/json' }) =>
      fetch(`${server.url}/api/notes`, { method: 'POST', headers, body });
    const create = async (text) => (await post(JSON.stringify({ text }))).json();

    it('creates, finds and deletes a note', async () => {
      const created = await post(JSON.stringify({ text: "  Robert'); DROP TABLE notes;--  " }));
      assert.equal(created.status, 201);
      const note = await created.json();
      assert.equal(note.text, "Robert'); DROP TABLE notes;--");
      assert.equal(created.headers.get('location'), `/api/notes/${note.id}`);
      const url = `${server.url}/api/notes/${note.id}`;
      assert.deepEqual(await (await fetch(url)).json(), note);
      assert.equal((await fetch(url, { method: 'DELETE' })).status, 204);
      assert.equal((await fetch(url, { method: 'DELETE' })).status, 404);
      assert.equal((await fetch(url)).status, 404);
    });

    it('pages from the newest, each note once', async () => {
      const made = [];
      for (let number = 0; number < 5; number += 1) made.push((await create(`page ${number}`)).id);
      const seen = [];
      let path = '/api/notes?limit=2';
      for (let pages = 0; path && pages < 10; pages += 1) {
        const page = await (await fetch(server.url + path)).json();
        assert.ok(page.notes.length <= 2);
        seen.push(...page.notes.map((note) => note.id));
        path = page.next;
      }
      assert.equal(path, null);
      assert.deepEqual(seen, made.toReversed());
    });

    for (const [body, status, code, field] of [
      ['{"text": 5}', 400, 'invalid-value', 'text'],
      ['{"text": "   "}', 400, 'invalid-value', 'text'],
      ['{}', 400, 'invalid-value', 'text'],
      ['{"text": "a", "id": 1}', 400, 'invalid-value', 'id'],
      [JSON.stringify({ text: 'x'.repeat(501) }), 400, 'invalid-value', 'text'],
      ['{"text": "a\\u0000b"}', 400, 'invalid-value', 'text'],
      ['[]', 400, 'invalid-body', undefined],
      ['{"text":', 400, 'invalid-json', undefined],
      [JSON.stringify({ text: 'x'.repeat(20_000) }), 413, 'too-large', undefined],
    ]) {
      it(`refuses ${body.slice(0, 30)} with ${status} ${code}`, async () => {
        const response = await post(body);
        const { error } = await response.json();
        assert.deepEqual([response.status, error.code, error.field], [status, code, field]);
        assert.ok(error.message.length > 10);
      });
    }

    it('takes 500 characters, whatever their bytes', async () => {
      assert.equal((await post(JSON.stringify({ text: '🎈'.repeat(500) }))).status, 201);
    });

    it('refuses what is not JSON, and a method that is not there', async () => {
      assert.equal(
        (await post('text=a', { 'Content-Type': 'application/x-www-form-urlencoded' })).status,
        415,
      );
      const response = await fetch(`${server.url}/api/notes`, { method: 'PUT' });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'GET, HEAD, POST');
    });

    for (const query of [
      'limit=0',
      'limit=101',
      'limit=ten',
      'limit=1&limit=2',
      'before=-1',
      'before=2147483648',
    ]) {
      it(`refuses ?${query}`, async () => {
        const response = await fetch(`${server.url}/api/notes?${query}`);
        assert.equal(response.status, 400);
        assert.equal((await response.json()).error.field, query.split('=')[0]);
      });
    }

    it('shows notes on the page, escaped, and takes the form', async () => {
      const response = await fetch(`${server.url}/notes`, {
        method: 'POST',
        body: new URLSearchParams({ text: '<b>bold</b>' }),
        redirect: 'manual',
      });
      assert.equal(response.status, 303);
      const html = await (await fetch(server.url)).text();
      assert.match(html, /&lt;b&gt;bold&lt;\/b&gt;/);
      assert.doesNotMatch(html, /<b>bold/);
      const [, id] = /\/notes\/(\d+)\/delete/.exec(html);
      await fetch(`${server.url}/notes/${id}/delete`, { method: 'POST' });
      assert.doesNotMatch(await (await fetch(server.url)).text(), /bold/);
    });

    it('never writes the database password to the log', async () => {
      const other = await startServer({ DATABASE_URL: postgres.url.replace('notes@', 'notes:hunter2@') });
      await until(`${other.url}/healthz`, (status) => status === 200);
      await other.stop();
      assert.doesNotMatch(JSON.stringify(other.log), /hunter2/);
    });
  });

  describe('health', () => {
    it('tells an outage of the database from one of its own', async () => {
      const server = await startServer({ DATABASE_URL: postgres.url });
      try {
        await until(
          `${server.url}/readyz`,
          (status, body) => status === 200 && body.database === 'reachable',
        );
        await postgres.end();
        const { body } = await until(`${server.url}/readyz`, (status) => status === 503);
        assert.deepEqual([body.status, body.database], ['failing', 'unreachable']);
        const alive = await fetch(`${server.url}/healthz`);
        assert.equal(alive.status, 200);
        assert.deepEqual((await alive.json()).database, 'configured');
        await postgres.restart();
        await until(`${server.url}/readyz`, (status) => status === 200);
      } finally {
        await server.stop();
      }
    });

    it('says "starting" until the database is there, and serves then', async () => {
      await postgres.end();
      const server = await startServer({ DATABASE_URL: postgres.url });
      try {
        const { body } = await until(`${server.url}/healthz`, (status) => status === 503);
        assert.equal(body.status, 'starting');
        assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
        assert.equal((await fetch(`${server.url}/api/notes`)).status, 503);
        assert.match(await (await fetch(server.url)).text(), /not ready yet/);
        await postgres.restart();
        await until(`${server.url}/healthz`, (status) => status === 200);
      } finally {
        await server.stop();
      }
    });
  });
});
