import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad, underLoad } from '../../../scripts/demo/load.ts';
import type { LoadReport } from '../../../scripts/demo/load-process.ts';

let server: Server;

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<string> {
  let count = 0;
  server = createServer((request, response) => {
    count += 1;
    request.resume();
    request.on('end', () => answer(request, response, count));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function loadOf(url: string, requests: number): Promise<LoadReport> {
  const load = startLoad({ url, connections: 4, rate: 200 });
  while (load.sent() < requests) await sleep(20);
  return load.stop();
}

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('the load generator', () => {
  it('has ended when what was done under load has failed', async () => {
    const url = await listen((_request, response) => response.end('{}'));
    const failing = underLoad({ url, connections: 1, rate: 50 }, async (load) => {
      for (let turn = 0; turn < 400 && load.sent() === 0; turn += 1) await sleep(50);
      throw new Error('not deployed');
    });
    await expect(failing).rejects.toThrow('not deployed');
    // A handle is gone one turn after its process.
    const handles = (): string[] => process.getActiveResourcesInfo();
    for (let turn = 0; turn < 100 && handles().includes('ProcessWrap'); turn += 1) await sleep(10);
    expect(handles()).not.toContain('ProcessWrap');
  });

  it('counts every request, by status and version, and loses none of a healthy server', async () => {
    let seen = 0;
    const methods = new Set<string>();
    const url = await listen((request, response, count) => {
      seen = count;
      methods.add(`${request.method} ${request.url}`);
      response.writeHead(count % 3 === 0 ? 303 : 200, { 'X-App-Version': count <= 10 ? '1' : '2' });
      setTimeout(() => response.end('{}'), 5);
    });
    const report = await loadOf(url, 150);
    expect(report.sent).toBe(seen);
    expect(report.sent).toBeGreaterThan(100);
    expect(report).toMatchObject({ failed: 0, lost: 0, failures: [] });
    expect(report.versions).toEqual({ 1: 10, 2: seen - 10 });
    expect([...methods].sort()).toEqual(['GET /', 'GET /api/notes?limit=10', 'POST /api/notes']);
  });

  it('counts as failed what is refused, reset, or closed without an answer', async () => {
    const wrong = { refused: 0, reset: 0, closed: 0 };
    const url = await listen((request, response, count) => {
      if (count % 10 === 2) {
        wrong.refused += 1;
        response.writeHead(502).end('<title>Bad\nGateway</title>');
      } else if (count % 10 === 4) {
        wrong.reset += 1;
        request.socket.resetAndDestroy();
      } else if (count % 10 === 6) {
        wrong.closed += 1;
        request.socket.end();
      } else response.end('{}');
    });
    const report = await loadOf(url, 150);
    expect(wrong.closed).toBeGreaterThan(0);
    expect(report.lost).toBe(wrong.reset + wrong.closed);
    expect(report.failed).toBe(report.lost + wrong.refused);
    expect(report.statuses['502']).toBe(wrong.refused);
    expect(report.failures).toHaveLength(5);
    const told = report.failures.join('\n');
    expect(told).toMatch(/^\d{4}-\S+Z (GET|POST) \/\S*: 502 <title>Bad Gateway<\/title>$/m);
    expect(told).toMatch(/^\d{4}-\S+Z (GET|POST) \/\S*: no answer, \d+ ms later$/m);
  });
});
