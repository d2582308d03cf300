import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Service } from '../support/fleet.ts';
import { unhurried } from '../support/unhurried.ts';
import { deployed, refused, rolledBack } from './cases.ts';
import type { Case } from './cases.ts';

/** Whether this machine gets as far as the load balancer, through the built action. */

const smokeTest = { 'smoke-test-path': '/ready', 'smoke-test-attempts': '2' };
const behindLoadBalancer = { drain: 10 };

/** What answers at the output `url`. */
class Front {
  status = 200;
  readonly #server: Server = createServer((_request, response) => {
    response.statusCode = this.status;
    response.end('from the front');
  });

  async open(service: Service): Promise<void> {
    this.#server.unref();
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    await service.setOutputs({ url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const unreachable: Case[] = (
  [
    ['nobody listens', () => 'http://127.0.0.1:4699', /:4699\/ready \(.*ECONNREFUSED/, /runner in the VPC/],
    [
      'the name does not resolve',
      () => 'http://shop.invalid',
      /\/ready \(.*(ENOTFOUND|EAI_AGAIN)/,
      /has to resolve/,
    ],
    ['it speaks no TLS', encrypted, /\/ready \(.*(SSL|EPROTO)/, /NODE_EXTRA_CA_CERTS/],
    ['no client asks that port', () => 'http://127.0.0.1:9', /:9\/ready \(.*bad port/, /on another port/],
  ] as const
).map(([why, url, said, advice]) => ({
  title: `is not begun where ${why}`,
  service: behindLoadBalancer,
  before: (service) => service.setOutputs({ url: url(service) }),
  run: { inputs: smokeTest },
  ends: refused('preflight'),
  says: [
    /the smoke test can't be made: this runner does not reach http/,
    said,
    advice,
    /or leave smoke-test-path out/,
    /no instance of \S+ was touched/,
  ],
}));

/** Something listens there, and it is no load balancer with a certificate. */
function encrypted({ fleet }: Service): string {
  return fleet.cloud.endpoint.replace('http:', 'https:');
}

const closing = new Front();
const failing = new Front();
const late = new Front();
const good = new Front();

export const reachable: Case[] = [
  ...unreachable,
  {
    title: 'is refused nothing where no smoke test is asked for',
    service: behindLoadBalancer,
    before: (service) => service.setOutputs({ url: 'http://shop.invalid' }),
    ends: deployed(),
    says: [/at http:\/\/shop\.invalid in/],
  },
  {
    title: 'condemns nothing where the network fails meanwhile',
    ...unhurried,
    before: (service) => Promise.all([unhurried.before(service), closing.open(service)]),
    run: { inputs: smokeTest, when: [[/started instance refresh/, () => closing.close()]] },
    ends: deployed({ exit: 1, status: 'failed', reason: 'unreachable' }),
    says: [
      /the smoke test could not be made: this runner does not reach 127\.0\.0\.1:\d+, in 2 attempts/,
      /nothing was rolled back: 2 of 2 instances run version 2 and are healthy/,
    ],
  },
  {
    title: 'takes an error of the load balancer for an answer before, and a good one after for good',
    service: behindLoadBalancer,
    before: (service) => {
      late.status = 503;
      return late.open(service);
    },
    run: {
      inputs: smokeTest,
      when: [[/started instance refresh/, async () => void (late.status = 200)]],
    },
    ends: deployed(),
    says: [/\/ready does not answer as it should yet \(HTTP 503: from the front\)/, /\/ready answers 200/],
    after: () => late.close(),
  },
  {
    title: 'condemns the version for a bad answer where the old one gave good ones',
    service: behindLoadBalancer,
    before: (service) => failing.open(service),
    run: {
      inputs: smokeTest,
      when: [[/started instance refresh/, async () => void (failing.status = 500)]],
    },
    // On a busy machine it is seen while AWS is still at it.
    ends: [rolledBack('smoke-test', { refreshes: ['Successful', 'Successful'] }), rolledBack('smoke-test')],
    says: [/answer: +HTTP 500: from the front/, /rolled back: both instances run version 1 again/],
    after: () => failing.close(),
  },
  {
    title: 'is made where nothing has to be replaced, too',
    service: behindLoadBalancer,
    before: (service) => service.setOutputs({ url: 'http://shop.invalid' }),
    run: { version: 1, inputs: smokeTest },
    ends: refused('unreachable'),
    says: [/nothing was rolled back: 2 of 2 instances run version 1 and are healthy/],
  },
  {
    title: 'goes well where it is reached',
    service: behindLoadBalancer,
    before: (service) => good.open(service),
    run: { inputs: smokeTest },
    ends: deployed(),
    says: [/\/ready answers 200 through the load balancer/],
    after: () => good.close(),
  },
];
