import { describe, expect, it } from '@jest/globals';
import { aborted, deployed, rolledBack } from '../../src/commands/conclusions.ts';
import type { RolloutResult } from '../../src/core/types.ts';
import { newRecord } from '../../src/report/record.ts';
import type { RunRecord } from '../../src/report/record.ts';

const rollout: RolloutResult = {
  status: 'successful',
  instanceRefreshId: 'r-1',
  templateVersion: 42,
  previousTemplateVersion: 41,
  instancesBefore: ['i-1', 'i-2'],
  instancesAfter: ['i-3', 'i-4'],
  estimate: undefined,
  seconds: 60,
};

function record(change: Partial<RunRecord> = {}, rolledOut: Partial<RolloutResult> = {}): RunRecord {
  return newRecord({
    application: 'shop',
    environment: 'prod',
    started: 0,
    applied: true,
    image: {
      repository: 'registry.example/shop',
      digest: `sha256:${'9f3c1a2b'.repeat(8)}`,
      tag: 'v1',
      reference: '',
      built: true,
    },
    commit: '4e1a2b7'.padEnd(40, '0'),
    outputs: {
      autoscalingGroupName: 'shop-prod',
      launchTemplateId: 'lt-1',
      launchTemplateVersion: 42,
      targetGroupArns: [],
      url: 'http://shop.example',
      repositoryUrl: '',
      alarmNames: [],
      all: {},
    },
    rollout: { ...rollout, ...rolledOut },
    ...change,
  });
}

/** 5 % go to the new version. */
const traffic = {
  shifts: [{ seconds: 60, weight: 5 }],
  judgements: [{ seconds: 400, weight: 5, verdict: 'good', because: '0 % of 700 requests failed' }],
  minutes: [],
};

const what = '(image sha256:9f3c1a2b…, commit 4e1a2b7)';

describe('an abort', () => {
  it('says what was left, or that nothing was under way', () => {
    const left = 'both instances run version 41 again';
    expect(aborted(record(), { result: rollout, found: '', left }, 240_000)).toEqual({
      status: 'aborted',
      sentence: `Took the rollout of shop in prod back: ${left}, at http://shop.example in 4 min.`,
    });
    expect(aborted(record(), undefined, 240_000).status).toBe('unchanged');
  });
});

describe('a deployment', () => {
  it.each<[string, RunRecord, string, string]>([
    [
      'that waits for a person',
      record({}, { status: 'paused', traffic }),
      `Paused shop in prod: version 42 ${what} has 5 % of the requests. The command promote goes on, abort takes it back; both versions stay until then. Seen so far: good: 0 % of 700 requests failed. 4 min.`,
      'paused',
    ],
    [
      'that waits for a person in one group',
      record(
        {},
        { status: 'paused', instancesAfter: ['i-1', 'i-2', 'i-3'], outdatedInstances: ['i-1', 'i-2'] },
      ),
      `Paused shop in prod: version 42 ${what} runs on 1 of 3 instances (33 %). The command promote goes on, abort takes it back; both versions stay until then. 4 min.`,
      'paused',
    ],
    [
      'of everything',
      record(),
      `Deployed shop to prod: version 42 ${what} runs on 2 instances, at http://shop.example in 4 min.`,
      'deployed',
    ],
    [
      'of one instance',
      record({}, { instancesAfter: ['i-3'] }),
      `Deployed shop to prod: version 42 ${what} runs on 1 instance, at http://shop.example in 4 min.`,
      'deployed',
    ],
    [
      'in part',
      record({}, { status: 'partly-replaced', outdatedInstances: ['i-4'] }),
      `Deployed shop to prod in part: version 42 ${what} runs on 1 of 2 instances, at http://shop.example in 4 min.`,
      'partly-replaced',
    ],
    [
      'onto a group that wants no instance',
      record({}, { status: 'no-instances', instancesAfter: [] }),
      `Saved for shop in prod: version 42 ${what} is what the group launches next. Nothing was seen to serve: the group wants 0 instances. 4 min.`,
      'no-instances',
    ],
    [
      'of infrastructure alone',
      record({}, { status: 'unchanged' }),
      `Deployed shop to prod: its 2 instances ran version 42 ${what} already, at http://shop.example in 4 min.`,
      'deployed',
    ],
    [
      'of nothing',
      record({ applied: false, image: undefined }, { status: 'unchanged' }),
      'Nothing to deploy: the image exists, the plan is empty, 2 of 2 instances run version 42 and are healthy. 4 min.',
      'unchanged',
    ],
  ])('%s', (_, of, sentence, status) => {
    expect(deployed(of, 240_000)).toEqual({ status, sentence });
  });
});

describe('a rollback', () => {
  it.each<[string, RunRecord, string, string]>([
    [
      'of everything',
      record(),
      `Rolled back shop in prod: version 41 ${what} runs on 2 instances again, at http://shop.example in 4 min.`,
      'deployed',
    ],
    [
      'in part, as checkpoints say',
      record({}, { status: 'partly-replaced', outdatedInstances: ['i-4'] }),
      `Rolled back shop in prod in part: version 41 ${what} runs on 1 of 2 instances again, at http://shop.example in 4 min.`,
      'partly-replaced',
    ],
    [
      'onto a group that wants no instance',
      record({ applied: false, image: undefined }, { status: 'no-instances', instancesAfter: [] }),
      'Saved for shop in prod: version 41 (commit 4e1a2b7) is what the group launches next. Nothing was seen to serve: the group wants 0 instances. 4 min.',
      'no-instances',
    ],
    [
      'to an image that is not known',
      record({ image: undefined, commit: '' }),
      'Rolled back shop in prod: version 41 runs on 2 instances again, at http://shop.example in 4 min.',
      'deployed',
    ],
    [
      'to what runs already',
      record({}, { status: 'unchanged' }),
      `Nothing to roll back: 2 instances of shop in prod run version 41 ${what} already. 4 min.`,
      'unchanged',
    ],
  ])('%s', (_, of, sentence, status) => {
    expect(rolledBack(of, 41, 240_000)).toEqual({ status, sentence });
  });
});
