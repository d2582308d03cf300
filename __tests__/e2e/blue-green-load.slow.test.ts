/**
 * Blue/green rollouts on machines that really boot, while users ask 400 times a second: what a good version costs them,
 * and how many of them see a bad one. A minute of CloudWatch is ten seconds here.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { underLoad } from '../../scripts/demo/load.ts';
import { Images, serverDockerfile, versionServer, type Behaviour } from './support/images.ts';
import { portOf } from './support/ports.ts';
import { Service, type UnderLoad } from './support/service.ts';

const port = portOf(import.meta.url);
jest.setTimeout(300_000);

let cloud: CloudDescription;
let images: Images;
let service: Service;

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--metric-minute', '10'] });
  images = await Images.create('blue-green-images', cloud);
  service = await Service.create('blue-green', cloud, { blueGreen: true });
  const first = await service.deployUnused(await push('1'));
  if (first.outputs.status !== 'deployed') throw new Error(first.log);
});

afterAll(async () => {
  await images.close();
  await cloudDown(port);
  await service.project.remove();
});

function push(version: string, behaviour: Behaviour = {}): Promise<string> {
  return images.push(version, {
    Dockerfile: serverDockerfile,
    'server.mjs': versionServer(version, behaviour),
  });
}

async function deploy(
  image: string,
  steps: Record<'traffic-steps' | 'step-time', string>,
  on?: [RegExp, () => Promise<unknown>],
): Promise<UnderLoad> {
  const inputs = { ...steps, 'smoke-test-path': '/' };
  const seen = await underLoad(users(), () => service.deployUnused(image, { inputs, ...(on && { on }) }));
  if (process.env.SHOW_LOGS) process.stderr.write(`\n${seen.result.log}\n${JSON.stringify(seen.load)}\n`);
  return seen;
}

describe('a blue/green rollout under 400 requests a second', () => {
  it('of a good version costs no request', async () => {
    const { result, load } = await deploy(await push('2'), {
      'traffic-steps': '10, 100',
      'step-time': '60',
    });
    expect(result.outputs).toMatchObject({ status: 'deployed' });
    expect(load).toMatchObject({ failed: 0, lost: 0 });
    expect(load.sent).toBeGreaterThan(10_000);
    expect(load.versions['2']).toBeGreaterThan(1000);
    expect(result.log).toMatch(
      /smoke test: \/ answers 200 \d+ times in the preview, where the new version is alone/,
    );
    expect(result.log).toMatch(/judged at 10 %: good/);
  });

  it('of a version that fails 3 % of the requests is stopped at the first step, which few have seen', async () => {
    let judgedAt = 0;
    const noted = async () => void (judgedAt = Date.now());
    const { result, load } = await deploy(
      await push('3', { failing: 0.03 }),
      { 'traffic-steps': '5, 100', 'step-time': '120' },
      [/judged at \d+ %: bad/, noted],
    );
    expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'judged-worse' });
    expect(result.log).toMatch(/judged at 5 %: bad/);
    expect((load.versions['3'] ?? 0) / load.sent).toBeLessThan(0.1);
    // Nobody but the bad version has failed one.
    expect(load.lost).toBe(0);
    expect(load.failed).toBeLessThan(0.06 * (load.versions['3'] ?? 0));
    // From the verdict to its last answer.
    expect(judgedAt).toBeGreaterThan(0);
    expect((load.lastAnswers['3'] ?? 0) - judgedAt).toBeLessThan(5000);
    process.stderr.write(
      `blue/green: ${load.versions['3']} of ${load.sent} requests saw the bad version, ${load.failed} failed; its last answer came ${(((load.lastAnswers['3'] ?? 0) - judgedAt) / 1000).toFixed(1)} s after the verdict\n`,
    );
  });

  it('of a version that is slow is stopped at the first step, and nobody loses a request', async () => {
    const { result, load } = await deploy(await push('4', { delay: 300 }), {
      'traffic-steps': '5, 100',
      'step-time': '120',
    });
    expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'judged-worse' });
    expect(result.log).toMatch(/judged at 5 %: bad/);
    expect(load).toMatchObject({ failed: 0, lost: 0 });
    expect((load.versions['4'] ?? 0) / load.sent).toBeLessThan(0.1);
    report('a slow version', load, '4');
  });

  it('of a version that never comes up gets no request', async () => {
    const { result, load } = await deploy(await push('5', { dies: true }), {
      'traffic-steps': '100',
      'step-time': '0',
    });
    expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'boot-failed' });
    expect(load).toMatchObject({ failed: 0, lost: 0 });
    expect(Object.keys(load.versions)).toEqual(['2']);
    report('a version that never comes up', load, '5');
  });

  it.each([
    ['cancelled', undefined, '6'],
    ['killed', { interruptMilliseconds: 20, terminateMilliseconds: 20 }, '7'],
  ] as const)(
    'whose job is %s in the middle of shifting costs no request, nor does its rerun',
    async (_, times, version) => {
      const image = await push(version);
      const { result, load } = await underLoad(users(), async () => {
        const first = await service.deployUnused(image, {
          inputs: { 'traffic-steps': '10, 50, 100', 'step-time': '60' },
          ...{ cancelOn: /weights: 10 % to/, ...(times && { cancelTimes: times }) },
        });
        const rerun = await service.deployUnused(image, { inputs: { 'traffic-steps': '100' } });
        return { first, rerun };
      });
      if (times === undefined) expect(result.first.outputs['failure-reason']).toBe('cancelled');
      else expect(result.first.exitCode).toBeNull();
      expect(result.rerun.outputs).toMatchObject({ status: 'deployed' });
      expect(load).toMatchObject({ failed: 0, lost: 0 });
      expect(load.versions[version]).toBeGreaterThan(100);
      report('an interrupted job and its rerun', load, version);
    },
  );

  it('that waits for a person is taken back, and gone on with, from another process without losing a request', async () => {
    const image = await push('8');
    const pausing = { 'traffic-steps': '10, 100', 'step-time': '0', 'pause-at': '10' };
    const { result, load } = await underLoad(users(), async () => {
      const runs = [];
      const all: Record<string, string>[] = [
        pausing,
        { command: 'abort', image: '' },
        pausing,
        { command: 'promote', image: '', 'step-time': '0' },
      ];
      for (const inputs of all) runs.push((await service.deployUnused(image, { inputs })).outputs.status);
      return runs;
    });
    expect(result).toEqual(['paused', 'aborted', 'paused', 'deployed']);
    expect(load).toMatchObject({ failed: 0, lost: 0 });
    expect(load.versions['8']).toBeGreaterThan(100);
    report('pause, abort, pause, promote', load, '8');
  });
});

const users = () => ({ url: service.url, connections: 20, rate: 400 });

function report(what: string, { sent, failed, versions }: UnderLoad['load'], version: string): void {
  process.stderr.write(
    `blue/green, ${what}: ${versions[version] ?? 0} of ${sent} requests saw version ${version}, ${failed} failed\n`,
  );
}
