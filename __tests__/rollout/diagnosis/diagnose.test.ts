import { describe, expect, it } from '@jest/globals';
import { failureReasons } from '../../../src/core/errors.ts';
import { diagnose } from '../../../src/rollout/diagnosis/diagnose.ts';
import type { RolloutFacts } from '../../../src/rollout/model/facts.ts';
import { likeliestCause, evaluateRollout } from '../../../src/rollout/verdict/verdict.ts';
import {
  abandoned,
  bootFailed,
  boots,
  facts,
  failedBoot,
  failedLaunch,
  gone,
  held,
  names,
  newInstance,
  replaced,
  target,
  timedOut,
  timeouts,
  unhealthy,
} from '../helpers/observations.ts';

describe('diagnose', () => {
  it.each<[string, Partial<RolloutFacts>, string, RegExp, RegExp]>([
    [
      'a missing variable',
      boots('run', 'the container ended (exit code 1)', [
        '> node server.js',
        'Error: DATABASE_URL is not set',
      ]),
      'boot-failed',
      /container exited with code 1 on 2 of 2 new instances/,
      /add \/shop\/prod\/DATABASE_URL to Parameter Store/,
    ],
    [
      'a missing parameter',
      boots('config', '/shop/prod/API_KEY is missing; write it with aws ssm put-parameter'),
      'boot-failed',
      /: \/shop\/prod\/API_KEY is missing, on 2 of 2 new instances/,
      /write the value of \/shop\/prod\/API_KEY/,
    ],
    [
      'another processor',
      boots('run', '', ['exec /usr/bin/node: exec format error']),
      'boot-failed',
      /does not stay up/,
      /set platform/,
    ],
    [
      'a missing module',
      boots('run', 'exit code 1', ["Error: Cannot find module './server.js'", '    at node:internal']),
      'boot-failed',
      /code 1/,
      /puts .\/server.js into the image/,
    ],
    [
      'a failing migration',
      boots('run', 'exit code 1', ['migration 3 failed: relation exists']),
      'boot-failed',
      /code 1/,
      /migration/,
    ],
    [
      'a migration that went well before a health check that did not',
      boots('health', '/healthz gave 503 for 30 s; it must give 200 to 299 on port 3000', [
        'the database is migrated',
        'listening',
      ]),
      'boot-failed',
      /but \/healthz answered 503 for 30 s on 2 of 2/,
      /^find out why the application answers \/healthz with 503/,
    ],
    [
      'a database out of reach',
      boots('health', '/healthz gave 503', ['connect ECONNREFUSED 10.0.0.7:5432']),
      'boot-failed',
      /but \/healthz answered 503 on 2 of 2/,
      /can reach/,
    ],
    [
      'killed for memory',
      boots('run', 'the container ended (exit code 137)'),
      'boot-failed',
      /code 137/,
      /memory/,
    ],
    [
      'a wrong port',
      boots('health', '/healthz gave no answer for 60 s'),
      'boot-failed',
      /nothing answered \/healthz for 60 s on 2 of 2/,
      /container port/,
    ],
    [
      'a wrong port that the log names',
      boots('health', '/healthz gave no answer for 60 s; it must give 200 to 299 on port 3000', [
        '{"level":30,"time":1700000000000,"port":3999,"msg":"listening"}',
      ]),
      'boot-failed',
      /nothing answered \/healthz on port 3000 for 60 s/,
      /says that it listens on 3999, and Terraform was told 3000/,
    ],
    [
      'a server that listens on localhost',
      boots('health', '/healthz gave no answer for 60 s; it must give 200 to 299 on port 3000', [
        'Server running at http://127.0.0.1:3000/',
      ]),
      'boot-failed',
      /nothing answered/,
      /listen on 0\.0\.0\.0/,
    ],
    [
      'an image that is gone',
      boots('pull', 'docker failed: Error response from daemon: manifest unknown'),
      'boot-failed',
      /the registry no longer has the image, on 2 of 2/,
      /lifecycle rule/,
    ],
    [
      'an image that may not be pulled',
      boots('pull', 'docker failed: 403 Forbidden'),
      'boot-failed',
      /image can't be pulled by 2 of 2/,
      /still in the registry/,
    ],
    [
      'a disk that is full',
      boots('pull', 'docker failed: failed to register layer: no space left on device'),
      'boot-failed',
      /: the disk is full on 2 of 2 new instances/,
      /service\.root_volume_gb/,
    ],
    [
      'a registry that refuses',
      boots('login', 'denied'),
      'boot-failed',
      /refuses the login/,
      /ecr:GetAuthorizationToken/,
    ],
    ['no docker', boots('docker', 'dnf failed'), 'boot-failed', /container engine/, /package sources/],
    [
      'a boot hook that fails',
      boots('hook', 'boot_hooks.before ended with exit code 127', ['agent: command not found']),
      'boot-failed',
      /: service\.boot_hooks\.before ended with exit code 127 on 2 of 2 new instances/,
      /^mend the boot hook/,
    ],
    [
      "a boot hook that fails, in somebody's own user data",
      boots('hook', 'no agent'),
      'boot-failed',
      /: a boot hook fails on 2 of 2 new instances/,
      /^mend the boot hook/,
    ],
    ['a step nobody knows', boots('dance', 'fell'), 'boot-failed', /step dance/, /console/],
    [
      'a wrong answer',
      unhealthy('Target.ResponseCodeMismatch', 'Health checks failed with these codes: [503]'),
      'targets-unhealthy',
      /answers \/healthz with 503/,
      /why the application answers/,
    ],
    [
      'no answer in time',
      unhealthy('Target.Timeout', 'Request timed out'),
      'targets-unhealthy',
      /does not answer \/healthz in time/,
      /security group/,
    ],
    [
      'nobody listening',
      unhealthy('Target.FailedHealthChecks', 'Health checks failed'),
      'targets-unhealthy',
      /nothing answers \/healthz on port 8080/,
      /listens/,
    ],
    [
      'a target group without listener',
      {
        instances: [
          newInstance('i-1', {
            notServing: 400,
            targets: [target('i-1', 'unused', 'Target.NotInUse', 'not configured')],
          }),
        ],
      },
      'targets-unhealthy',
      /no traffic/,
      /listener/,
    ],
    [
      'no target at all',
      { instances: [newInstance('i-1', { notServing: 400, targets: [] })] },
      'targets-unhealthy',
      /does not become healthy/,
      /AddToLoadBalancer/,
    ],
    [
      'replaced by the load balancer',
      {
        instances: ['i-1', 'i-2'].map((id) => ({
          ...replaced(id),
          targets: [target(id, 'unhealthy', 'Target.Timeout', 'Request timed out')],
        })),
      },
      'targets-unhealthy',
      /never becomes healthy: Auto Scaling replaced 2 of 2/,
      /security group/,
    ],
    [
      'replaced after it had served',
      { instances: ['i-1', 'i-2'].map((id) => ({ ...replaced(id), hasServed: true })) },
      'targets-unhealthy',
      /does not stay healthy/,
      /again/,
    ],
    [
      'stopped machines',
      { instances: [replaced('i-1', 'ec2'), replaced('i-2', 'ec2')] },
      'boot-failed',
      /stopped running/,
      /read the console of i-1/,
    ],
    [
      'an AMI that is gone',
      { failedLaunches: [failedLaunch(gone, 2), failedLaunch(gone, 1)] },
      'launch-failed',
      /AMI\) of the launch template does not exist \(2 tries\)/,
      /AMI that exists/,
    ],
    [
      'a hook',
      {
        failedLaunches: [failedLaunch(timedOut, 1, 'Cancelled')],
        hooks: [
          {
            name: 'warm',
            transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
            heartbeatTimeout: 120,
            defaultResult: 'ABANDON',
          },
        ],
      },
      'lifecycle-hook',
      /hook warm in time \(120 s\)/,
      /CompleteLifecycleAction/,
    ],
    [
      'a hook that says no',
      { failedLaunches: [2, 1].map((second) => failedLaunch(abandoned, second, 'Cancelled')) },
      'lifecycle-hook',
      /turned new instances away/,
      /ABANDON/,
    ],
    [
      'a hook that nobody completes',
      { instances: [held(900)] },
      'lifecycle-hook',
      /nobody completes it/,
      /CompleteLifecycleAction/,
    ],
    [
      'an alarm',
      { alarms: [{ name: 'errors', state: 'ALARM', reason: 'too many', seconds: 60 }] },
      'alarm',
      /set off the alarm errors/,
      /what the alarm measures/,
    ],
    [
      'a suspended process',
      { quiet: 1300, suspendedProcesses: ['Launch'] },
      'rollout-stalled',
      /Launch suspended/,
      /resume/,
    ],
    [
      'a protected instance',
      { quiet: 1300, protectedInstances: ['i-old'] },
      'rollout-stalled',
      /1 instance protected/,
      /i-old/,
    ],
    [
      'a standby instance',
      { quiet: 1300, standbyInstances: ['i-old'] },
      'rollout-stalled',
      /Standby/,
      /i-old/,
    ],
  ])('%s', (_, change, ...expected) => {
    const [reason, sentence, next] = expected;
    const seen = facts(change);
    const decided = evaluateRollout(seen, timeouts);
    if (decided.kind !== 'condemn') throw new Error('not condemned');
    const diagnosis = diagnose(decided.cause, seen, names);
    expect(diagnosis.reason).toBe(reason);
    expect(failureReasons).toContain(diagnosis.reason);
    expect(diagnosis.sentence).toMatch(sentence);
    expect(diagnosis.next).toMatch(next);
    expect(diagnosis.sentence).not.toMatch(/\.$|undefined|NaN/);
  });

  it('shows the line that says most first, and masks every text', () => {
    const seen = facts(
      boots('run', 'exit code 1', [
        'using postgres://shop:s3cr3t@db/shop',
        'Error: password=hunter2 refused',
        '    at connect (pg.js:1)',
      ]),
    );
    const diagnosis = diagnose(likeliestCause(seen), seen, names);
    expect(diagnosis.evidence[0]).toEqual({
      label: 'what the container said last',
      text: 'Error: password=*** refused   (i-1)',
    });
    expect(JSON.stringify(diagnosis)).not.toMatch(/s3cr3t|hunter2/);
  });
});

describe('what the container said', () => {
  const evidence = (...boot: Parameters<typeof boots>) => {
    const seen = facts(boots(...boot));
    return diagnose(likeliestCause(seen), seen, names).evidence;
  };

  it('is read out of a JSON log, the telling line first', () => {
    const lines = [
      '{"level":30,"time":1700000000000,"port":3000,"msg":"listening"}',
      '{"level":50,"err":{"message":"relation \\"tags\\" does not exist"},"msg":"migration failed"}',
    ];
    const said = evidence('health', '/healthz gave 503 for 40 s', lines);
    expect(said[0]).toEqual({
      label: 'what the container said last',
      text: 'migration failed: relation "tags" does not exist   (i-1)',
    });
    expect(said[1]).toEqual({ label: 'and around it', text: 'listening' });
  });

  it.each([
    ['503 {"status":"starting","reason":"no database"}', '503 {"status":"starting","reason":"no database"}'],
    ['503 token=abcdef123456 is not known', '503 token=*** is not known'],
    ['404', '404 and nothing else'],
  ])('is followed by what the health path answered last: %s', (answer, text) => {
    const marker = failedBoot('health', '/healthz gave 503 for 40 s', ['listening'], answer);
    const seen = facts({ instances: [bootFailed('i-1', marker)] });
    expect(diagnose(likeliestCause(seen), seen, names).evidence).toContainEqual({
      label: 'what /healthz answered last',
      text,
    });
  });

  it('is nothing where nothing was marked as its log', () => {
    const marker = { ...failedBoot('run', 'exit code 1', ['boot of shop@sha256:1']), logged: false };
    const seen = facts({ instances: [bootFailed('i-1', marker)] });
    expect(diagnose(likeliestCause(seen), seen, names).evidence[0]).toEqual({
      label: 'what the container said last',
      text: 'nothing   (i-1)',
    });
  });
});

describe('new instances', () => {
  it('that came up too late for the load balancer are not told to listen on another port', () => {
    const marker = { ...failedBoot('', 'image=shop@sha256:1 seconds=107'), outcome: 'ok' as const };
    const refused = [target('i-1', 'unhealthy', 'Target.FailedHealthChecks', 'Health checks failed')];
    const instances = ['i-1', 'i-2'].map((id) => ({ ...replaced(id), marker, targets: refused }));
    const seen = facts({ instances });
    const { evidence, next } = diagnose(likeliestCause(seen), seen, names);
    expect(evidence).toContainEqual({
      label: 'what the boot said',
      text: 'it went through after 107 s   (i-1)',
    });
    expect(next).toMatch(/^the container did start after 107 s: .* raise the health check grace period/);
  });
});
