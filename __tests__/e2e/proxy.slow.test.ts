import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { registryPort } from '../../local-cloud/cloud/index.ts';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import type { ForwardProxy } from '../support/forward-proxy.ts';
import { expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

/**
 * A whole deployment whose way out is a forward proxy that somebody else wrote. Terraform and Docker go to loopback without
 * one, as Go does: what is seen at the proxy is the action's own. Instances are simulated.
 */
const port = portOf(import.meta.url);
jest.setTimeout(300_000);

let cloud: CloudDescription;
let project: Project;
let proxy: ForwardProxy;

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '60'] });
  project = await Project.create('shop', cloud);
  proxy = await startForwardProxy();
});

afterAll(async () => {
  await proxy.close();
  await cloudDown(port);
  await project.remove();
});

describe('a deployment through a proxy', () => {
  it('asks every service of AWS through it', async () => {
    expectSuccess(await project.deploy({ environment: { HTTP_PROXY: proxy.url } }));
    expect([...proxy.services].sort()).toEqual([
      'autoscaling',
      'dynamodb',
      'ec2',
      'ecr',
      'elasticloadbalancing',
      's3',
      'sts',
    ]);
    // The image's configuration lies where the registry says.
    expect([...new Set(proxy.asked)].sort()).toEqual([
      `127.0.0.1:${port}`,
      `127.0.0.1:${registryPort(Number(port))}`,
    ]);
  });

  it('asks none of them through it where NO_PROXY names the address', async () => {
    const before = proxy.count();
    const environment = { HTTP_PROXY: proxy.url, no_proxy: '127.0.0.1' };
    expectSuccess(await project.deploy({ inputs: { command: 'status' }, environment }));
    expect(proxy.count()).toBe(before);
  });
});
