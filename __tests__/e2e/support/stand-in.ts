import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandIn {
  address: string;
  close: () => Promise<void>;
}

/**
 * A load balancer of simulated instances: they can't be asked, so it answers for them in turn, each as its version
 * does.
 *
 * @param serving the versions of the instances that serve now, one for each instance
 * @param answer the HTTP status that a version gives
 */
export async function startStandIn(
  serving: () => Promise<number[]>,
  answer: (version: number) => number,
): Promise<StandIn> {
  let asked = 0;
  const server = createServer((_request, response) => {
    void serving().then((versions) => {
      const version = versions[asked % versions.length];
      asked += 1;
      response.statusCode = version === undefined ? 503 : answer(version);
      response.end(`version ${version ?? ''}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
