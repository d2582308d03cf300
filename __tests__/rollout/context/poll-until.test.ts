import { beforeEach, describe, expect, it } from '@jest/globals';
import { pollUntil, type RolloutContext } from '../../../src/rollout/context/index.ts';
import { awsError, lostAnswer } from '../helpers/simulated-aws.ts';

/** A context on a clock that moves only when somebody sleeps. */
let now = 0;
let renewals = 0;
let lines: string[] = [];
let controller = new AbortController();

function context(): RolloutContext {
  const log = { line: (text: string) => void lines.push(text), debug: () => undefined };
  return {
    run: { log, signal: controller.signal },
    api: { renewCredentials: () => void (renewals += 1) },
    clock: {
      now: () => now,
      sleep: async (seconds: number) => {
        now += seconds;
      },
    },
  } as unknown as RolloutContext;
}

beforeEach(() => {
  now = 0;
  renewals = 0;
  lines = [];
  controller = new AbortController();
});

/** Gives what each question is answered with; the last one for ever. Errors are thrown. */
function answers<T>(...given: (T | Error)[]): () => Promise<T> {
  return async () => {
    const answer = given.length > 1 ? given.shift() : given[0];
    if (answer instanceof Error) throw answer;
    return answer as T;
  };
}

const heartbeat = { seconds: 45, line: () => 'still waiting' };
const common = {
  what: 'see the thing',
  interval: () => 10,
  deadline: () => 600,
  onDeadline: () => 'too late',
  evaluate: (reading: string) => (reading === 'done' ? 'seen' : undefined),
};

describe('pollUntil', () => {
  it('asks until a reading ends it', async () => {
    const read = answers('not yet', 'not yet', 'done');
    expect(await pollUntil(context(), { ...common, read })).toBe('seen');
    expect(now).toBe(20);
  });

  it('ends at the deadline, and does not sleep past it', async () => {
    const end = await pollUntil(context(), {
      ...common,
      read: answers('not yet'),
      interval: () => 400,
    });
    expect(end).toBe('too late');
    expect(now).toBe(600);
  });

  it('ends when the job is cancelled, before the next question, where somebody heeds that', async () => {
    let asked = 0;
    const read = async () => {
      asked += 1;
      controller.abort();
      return 'not yet';
    };
    expect(await pollUntil(context(), { ...common, read, onCancel: () => 'cancelled' })).toBe('cancelled');
    expect(asked).toBe(1);
    expect(await pollUntil(context(), { ...common, read: answers('done') })).toBe('seen');
  });

  it('shows that somebody is watching when nothing was said for a while', async () => {
    await pollUntil(context(), { ...common, heartbeat, read: answers('not yet'), deadline: () => 110 });
    expect(lines).toEqual(['still waiting', 'still waiting']);
  });

  it('puts the heartbeat off when something was said', async () => {
    await pollUntil(context(), {
      ...common,
      heartbeat,
      read: answers('not yet'),
      deadline: () => 100,
      evaluate: (_: string, say) => {
        if (now === 40 || now === 80) say('it moved');
        return undefined;
      },
    });
    expect(lines).toEqual(['it moved', 'it moved']);
  });

  it('takes lost and throttled answers for not knowing, and says so after a while', async () => {
    const silence = Array.from({ length: 6 }, () => lostAnswer());
    const read = answers<string>(...silence, awsError('ThrottlingException'), 'done');
    expect(await pollUntil(context(), { ...common, heartbeat, read })).toBe('seen');
    expect(lines).toEqual([
      'AWS has not answered for 50 s (TimeoutError: socket hang up): the state is not known, asking again',
    ]);
  });

  it('renews expired credentials, and gives up when they stay expired', async () => {
    const expired = awsError('ExpiredToken');
    expect(await pollUntil(context(), { ...common, read: answers<string>(expired, 'done') })).toBe('seen');
    expect(renewals).toBe(1);
    await expect(pollUntil(context(), { ...common, read: answers<string>(expired) })).rejects.toMatchObject({
      reason: 'credentials',
    });
  });

  it('waits for a clock that is set right, and gives up when it stays wrong', async () => {
    const skewed = awsError('RequestTimeTooSkewed', 'too large', 403);
    expect(await pollUntil(context(), { ...common, read: answers<string>(skewed, 'done') })).toBe('seen');
    await expect(pollUntil(context(), { ...common, read: answers<string>(skewed) })).rejects.toBe(skewed);
  });

  it('says which right is missing', async () => {
    const denied = awsError('AccessDenied', 'no', 403);
    await expect(pollUntil(context(), { ...common, read: answers<string>(denied) })).rejects.toMatchObject({
      reason: 'credentials',
      message: 'the deploy role may not see the thing',
    });
  });

  it('hands a refusal to who knows what it means, and throws it where nobody does', async () => {
    const refused = awsError('ValidationError');
    const read = answers<string>(refused);
    await expect(pollUntil(context(), { ...common, read })).rejects.toBe(refused);
    expect(await pollUntil(context(), { ...common, read, onRefusal: async () => 'gone' })).toBe('gone');
    expect(
      await pollUntil(context(), {
        ...common,
        read: answers<string>(refused, 'done'),
        onRefusal: async () => undefined,
      }),
    ).toBe('seen');
  });

  it('throws the last error where silence has a limit', async () => {
    const lost = lostAnswer();
    await expect(
      pollUntil(context(), { ...common, read: answers<string>(lost), unansweredSeconds: 120 }),
    ).rejects.toBe(lost);
    expect(now).toBe(120);
  });

  it('takes no error of the evaluation for a lost answer', async () => {
    const mistake = new Error('a mistake of ours');
    await expect(
      pollUntil(context(), {
        ...common,
        read: answers('not yet'),
        evaluate: () => {
          throw mistake;
        },
      }),
    ).rejects.toBe(mistake);
  });
});
