import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from '../../src/commands/registry.ts';
import { failureReasons } from '../../src/core/errors.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { smokeDiagnosis } from '../../src/rollout/diagnosis/smoke.ts';
import { diagnose } from '../../src/rollout/diagnosis/diagnose.ts';
import type { RolloutFacts } from '../../src/rollout/model/facts.ts';
import { preflight } from '../../src/rollout/preflight/preflight.ts';
import { evaluateRollout } from '../../src/rollout/verdict/verdict.ts';
import {
  boots,
  facts,
  failedBoot,
  failedLaunch,
  group,
  names,
  newInstance,
  readyToRollOut,
  replaced,
  serving,
  unhealthy,
} from '../rollout/helpers/observations.ts';

/** docs/failures.md quotes sentences: here the same observations go through the functions that decide. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(join(root, 'docs/failures.md'), 'utf8');
const timeouts = { instance: 300, hook: 900, stall: 1200 };

/** Cells of the table whose first column is headed so, without the head. */
function tables(heading: string): string[][] {
  const sections = document.split(`| ${heading} |`).slice(1);
  return sections.flatMap((section) => {
    const lines = section.split('\n').slice(2);
    const end = lines.findIndex((line) => !line.startsWith('|'));
    return lines.slice(0, end).map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  });
}

const reasons = tables('failure-reason');
const quoted = (reason: string): string => reasons.find(([cell]) => cell === `\`${reason}\``)?.[1] ?? '';

/** What the verdict makes of it; only what it condemns is a failure. */
function sentenceOf(change: Partial<RolloutFacts>): { reason: string; sentence: string } {
  const seen = facts(change);
  const decided = evaluateRollout(seen, timeouts);
  if (decided.kind !== 'condemn') throw new Error('the verdict goes on waiting');
  return diagnose(decided.cause, seen, names);
}

const gone = (why: 'elb' | 'ec2', hasServed = false): Partial<RolloutFacts> => ({
  instances: ['i-1', 'i-2'].map((id) => ({ ...replaced(id, why), hasServed })),
});
const restarted = (id: string) => {
  const details = 'the container ended (exit code 1) after it was healthy';
  return {
    ...serving(id),
    marker: { ...failedBoot('', details), outcome: 'restarted' as const, restarts: 1 },
  };
};
const health = (answer: string) => `/healthz gave ${answer} for 40 s; it must give 200 to 299 on port 3000`;

const condemned: Partial<RolloutFacts>[] = [
  boots('run', 'the container ended (exit code 1) instead of staying up'),
  boots('run', 'the container ended (exit code 137) instead of staying up'),
  boots('health', health('no answer')),
  boots('health', health('503')),
  boots(
    'config',
    '/shop/prod/STRIPE_KEY still has its placeholder; write its value with aws ssm put-parameter',
  ),
  boots('config', '/shop/prod/STRIPE_KEY is missing; write it with aws ssm put-parameter'),
  boots('config', 'aws failed: An error occurred (AccessDeniedException)'),
  boots('pull', 'docker failed: Error response from daemon: manifest unknown'),
  boots('pull', 'docker failed: Error response from daemon: i/o timeout'),
  boots('pull', 'docker failed: write /var/lib/docker/tmp/GetImageBlob1: no space left on device'),
  boots('login', 'aws failed: An error occurred (AccessDeniedException)'),
  boots('docker', 'install_docker failed: No match for argument: docker'),
  boots('docker', 'install_aws_cli failed: No match for argument: awscli-2'),
  boots('hook', 'boot_hooks.before ended with exit code 3'),
  unhealthy('Target.ResponseCodeMismatch', 'Health checks failed with these codes: [503]'),
  unhealthy('Target.Timeout', 'Request timed out'),
  unhealthy('Target.FailedHealthChecks', 'Health checks failed'),
  gone('elb'),
  gone('elb', true),
  gone('ec2'),
  { instances: ['i-1', 'i-2'].map((id) => newInstance(id, { hasServed: true, lapses: 1 })) },
  { instances: ['i-1', 'i-2'].map(restarted) },
];

/** Reasons whose sentence a test gets from what decides; of the others only the words are looked for. */
const decided: string[] = [
  'input-invalid',
  'preflight',
  'launch-failed',
  'boot-failed',
  'targets-unhealthy',
  'smoke-test',
  'lifecycle-hook',
  'alarm',
  'rollout-stalled',
];

describe('the table of reasons', () => {
  it('names every reason once, in the order of the list, and no other', () => {
    expect(reasons.map(([cell]) => cell)).toEqual(failureReasons.map((reason) => `\`${reason}\``));
    for (const cells of reasons) {
      expect(cells).toHaveLength(4);
      for (const cell of cells) expect(cell).not.toBe('');
    }
  });

  it.each<[string, Partial<RolloutFacts>]>([
    [
      'launch-failed',
      {
        failedLaunches: [0, 10].map((second) =>
          failedLaunch("The image id 'ami-4edb0327' does not exist.", second),
        ),
      },
    ],
    ['boot-failed', boots('run', 'the container ended (exit code 1) instead of staying up')],
    [
      'targets-unhealthy',
      unhealthy('Target.ResponseCodeMismatch', 'Health checks failed with these codes: [503]'),
    ],
    [
      'lifecycle-hook',
      {
        instances: [newInstance('i-1', { lifecycleState: 'Pending:Wait', inService: undefined, age: 1000 })],
        hooks: [
          {
            name: 'warm-cache',
            transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
            heartbeatTimeout: 3600,
            defaultResult: 'ABANDON',
          },
        ],
      },
    ],
    [
      'alarm',
      {
        alarms: [{ name: 'shop-prod-error-rate', state: 'ALARM', reason: 'Threshold Crossed', seconds: 90 }],
      },
    ],
    ['rollout-stalled', { quiet: 1500, suspendedProcesses: ['Launch'] }],
  ])('quotes what the verdict says: %s', (reason, change) => {
    expect(sentenceOf(change)).toMatchObject({ reason, sentence: quoted(reason) });
  });

  it('quotes what is said of a smoke test', () => {
    const { reason, sentence } = smokeDiagnosis({
      test: {
        url: 'http://shop.example',
        path: '/healthz',
        statuses: [[200, 299]],
        body: undefined,
        attempts: 5,
      },
      attempts: 5,
      said: 'HTTP 500',
      share: { fresh: 1, all: 3 },
    });
    expect(sentence).toBe(quoted(reason));
  });

  it('quotes what the preflight finds', () => {
    const findings = preflight(
      readyToRollOut({ group: group({ suspendedProcesses: [{ name: 'Launch', reason: '' }] }) }),
    );
    expect(findings.map(({ what }) => what)).toContain(quoted('preflight'));
  });

  it('quotes what the inputs are refused with', () => {
    const given: Record<string, string> = {
      command: 'deploy',
      application: 'shop',
      environment: 'prod',
      'min-healthy-percentage': '9O',
    };
    const surroundings = {
      workspace: '/repository',
      commands,
      given: Object.keys(given),
      kind: (path: string) => (path.endsWith('Dockerfile') ? ('file' as const) : ('directory' as const)),
    };
    expect(() => parseInputs((name) => given[name] ?? '', surroundings)).toThrow(quoted('input-invalid'));
  });

  it.each(failureReasons.filter((reason) => !decided.includes(reason)))(
    'quotes words of the sources: %s',
    (reason) => {
      const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
        .join('\n');
      // What stands between numbers, quotations and what is left out is literally in the code.
      const pieces = quoted(reason)
        .split(/…|\d+/)
        .map((piece) => piece.trim())
        .filter((piece) => piece.length >= 12);
      expect(pieces.filter((piece) => !sources.includes(piece))).toEqual([]);
    },
  );
});

describe('the tables of a version that does not serve', () => {
  const shown = tables('you see').map(([cell = '']) => cell);
  const prefix = /^the new version (?:does not start|does not become healthy): /;

  it('quote each sentence as it is, and no other', () => {
    const sentences = condemned.map((change) => sentenceOf(change).sentence.replace(prefix, ''));
    expect(shown.toSorted()).toEqual(sentences.toSorted());
  });

  it('know every step of the boot script', () => {
    const script = readFileSync(join(root, 'terraform/modules/service/user_data.sh.tftpl'), 'utf8');
    const steps = new Set([...script.matchAll(/^\s*step=(\w+)$/gm)].map(([, step]) => step));
    const known = new Set(
      condemned.flatMap(({ instances }) => instances?.map(({ marker }) => marker?.step) ?? []),
    );
    for (const step of steps) expect(known).toContain(step);
  });
});
