import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import { Images, serverDockerfile, versionServer } from '../../__tests__/e2e/support/images.ts';
import { Service } from '../../__tests__/e2e/support/service.ts';
import type { Bench } from '../figure.ts';

/** What a figure of one version after the other works with. */
export interface Versions {
  /** A service of two containers as instances, on its first version. */
  serve: (name: string, options?: { blueGreen?: boolean }) => Promise<Service>;
  /** @returns repository@digest of an image whose answers have the version, and fail where it is a bad one */
  push: (version: string, options?: { failing?: boolean }) => Promise<string>;
}

/** A local cloud with minutes of 10 s, taken down afterwards with all services. */
export async function withVersions<T>(
  { signal }: Bench,
  port: number,
  work: (versions: Versions) => Promise<T>,
): Promise<T> {
  const cloud = await cloudUp(String(port), { signal, options: ['--metric-minute', '10'] });
  const services: Service[] = [];
  try {
    const images = await Images.create('bench-versions', cloud);
    const push: Versions['push'] = (version, { failing = false } = {}) =>
      images.push(version, {
        Dockerfile: serverDockerfile,
        'server.mjs': versionServer(version, { failing: failing ? 1 : 0 }),
      });
    const first = await push('first');
    const result = await work({
      push,
      serve: async (name, options) => {
        const service = await Service.create(name, cloud, options);
        services.push(service);
        const { outputs, log } = await service.deployUnused(first);
        if (outputs.status !== 'deployed') throw new Error(log);
        return service;
      },
    });
    await images.close();
    return result;
  } finally {
    for (const { project } of services) await project.remove();
    await cloudDown(String(port));
  }
}
