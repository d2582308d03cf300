import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from './support/postgres.js';
import { startServer, until } from './support/server.js';

/** Resolves with everything that the server sent when it ended the connection. */
function received(socket) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (data) => (text += data));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('stopping', () => {
  it('says so, serves through the lame duck period, then exits 0', async () => {
    const server = await startServer({ LAME_DUCK_SECONDS: '6' });
    server.kill('SIGTERM');
    const { body } = await until(`${server.url}/healthz`, (status) => status === 503);
    assert.equal(body.status, 'stopping');
    assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
    const page = await fetch(server.url);
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('connection'), 'close');
    assert.equal((await server.exit).code, 0);
    await assert.rejects(fetch(server.url));
    assert.equal(server.log.at(-1).msg, 'stopped');
  });

  it('takes a second signal calmly', async () => {
    const server = await startServer({ LAME_DUCK_SECONDS: '1' });
    server.kill('SIGTERM');
    await sleep(100);
    server.kill('SIGINT');
    assert.equal((await server.exit).code, 0);
  });

  it('ends idle kept-alive connections instead of waiting for them', async () => {
    const server = await startServer();
    const socket = createConnection(server.port, '127.0.0.1');
    const answer = received(socket);
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    await sleep(200);
    assert.equal((await server.stop()).code, 0);
    assert.ok(!server.log.some((line) => line.msg.includes('cut off')), 'it must not wait for it');
    assert.match(await answer, /200 OK/);
  });

  it('cuts off what never finishes when the drain time is over', async () => {
    const server = await startServer({ DRAIN_SECONDS: '1' });
    const socket = createConnection(server.port, '127.0.0.1');
    const answer = received(socket);
    socket.write(
      'POST /api/notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
    );
    await sleep(200);
    assert.equal((await server.stop()).code, 0);
    assert.doesNotMatch(await answer, /200 OK/);
    assert.ok(server.log.some((line) => line.msg.includes('cut off')));
  });
});

const postgres = await startPostgres();

describe('stopping with requests in flight', { skip: postgres.missing }, () => {
  it('finishes a request whose body is still on its way, and closes the pool after it', async () => {
    try {
      const server = await startServer({ DATABASE_URL: postgres.url });
      await until(`${server.url}/healthz`, (status) => status === 200);
      const body = JSON.stringify({ text: 'written while stopping' });
      const socket = createConnection(server.port, '127.0.0.1');
      const answer = received(socket);
      socket.write(
        `POST /api/notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      socket.write(body.slice(0, 5));
      await sleep(200);
      server.kill('SIGTERM');
      // It accepts no new connections any more.
      const accepts = () =>
        fetch(`${server.url}/healthz`).then(
          () => true,
          () => false,
        );
      while (await accepts()) await sleep(50);
      socket.write(body.slice(5));
      assert.match(await answer, /201 Created[^]*written while stopping/);
      assert.equal((await server.exit).code, 0);
      const isCut = server.log.some((line) => line.msg.includes('cut off'));
      assert.ok(!isCut, 'it must not wait for the connection to be reused');
    } finally {
      await postgres.stop();
    }
  });
});
