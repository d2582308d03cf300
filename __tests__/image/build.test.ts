import { describe, expect, it } from '@jest/globals';
import { buildCommand } from '../../src/image/build.ts';

describe('buildCommand', () => {
  const inputs = {
    application: 'shop',
    context: '/w/app',
    dockerfile: '/w/app/Dockerfile',
    buildArguments: ['TOKEN=s3cret=x', 'FROM_ENVIRONMENT', 'HTTP_PROXY=http://p'],
    target: 'runtime',
    platform: 'linux/arm64',
  };
  const request = { inputs, labels: { a: 'b' }, idFile: '/t/id' };
  const engine = { clientVersion: '28.2.2', platform: 'linux/amd64' };

  it('has classic flags only, and no value of a build argument', () => {
    const { args, env } = buildCommand({ ...request, docker: { ...engine, buildx: false } });
    expect(args.join(' ')).toBe(
      'build --force-rm --file /w/app/Dockerfile --iidfile /t/id --target runtime --platform linux/arm64 --label a=b' +
        ' --build-arg TOKEN --build-arg FROM_ENVIRONMENT --build-arg HTTP_PROXY=http://p /w/app',
    );
    expect(env).toMatchObject({ TOKEN: 's3cret=x', DOCKER_BUILDKIT: '0' });
    expect(env).not.toHaveProperty('HTTP_PROXY');
  });

  it.each([true, false])('leaves no container of a step that fails behind (buildx %s)', (buildx) => {
    const { args } = buildCommand({ ...request, docker: { ...engine, buildx } });
    expect(args).toContain('--force-rm');
  });

  it('asks an engine for its own platform by no flag, which the oldest would refuse', () => {
    const docker = { ...engine, platform: 'linux/arm64', buildx: false };
    expect(buildCommand({ ...request, docker }).args).not.toContain('--platform');
  });

  it('loads what buildx builds', () => {
    const { args, env } = buildCommand({ ...request, docker: { ...engine, buildx: true } });
    expect(args).toContain('--load');
    expect(env.DOCKER_BUILDKIT).toBe('1');
  });
});
