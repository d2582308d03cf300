import { describe, expect, it } from '@jest/globals';
import { lifecycleRules, outlookOf, type StoredImage } from '../../src/image/lifecycle.ts';

const now = new Date('2026-11-22T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const image = (name: string, days: number, tags: string[] = []): StoredImage => ({
  digest: `sha256:${name}`,
  tags,
  pushedAt: daysAgo(days),
  pulledAt: undefined,
});

interface Selection {
  tagStatus: string;
  tagPrefixList?: string[];
  tagPatternList?: string[];
  countType: string;
  countNumber: number;
}
const policy = (...selections: Selection[]) =>
  lifecycleRules(
    JSON.stringify({
      rules: selections
        .map((selection, index) => ({ rulePriority: index + 1, selection, action: { type: 'expire' } }))
        .toReversed(),
    }),
  );
const untagged: Selection = { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 14 };
const newest = (countNumber: number): Selection => ({
  tagStatus: 'any',
  countType: 'imageCountMoreThan',
  countNumber,
});
const tagged = (rest: Partial<Selection>): Selection => ({
  tagStatus: 'tagged',
  countType: 'sinceImagePushed',
  countNumber: 30,
  ...rest,
});

/** Ten images, one pushed each day, tagged v0 (today) to v9. */
const repository = Array.from({ length: 10 }, (_, day) => image(String(day), day, [`v${day}`]));

describe('outlookOf', () => {
  it.each<[string, Selection[], StoredImage, object | undefined]>([
    ['no rule', [], image('a', 900, ['v1']), undefined],
    ['a rule for untagged images, and a tag', [untagged], image('a', 900, ['v1']), undefined],
    ['a rule for untagged images, and none', [untagged], image('a', 10), { days: 4 }],
    ['an image that is due', [untagged], image('a', 15), { days: 0 }],
    ['the newest of those that are kept', [newest(5)], image('0', 0, ['v0']), { pushes: 5 }],
    ['the last of those that are kept', [newest(5)], image('4', 4, ['v4']), { pushes: 1 }],
    ['one too many', [newest(5)], image('5', 5, ['v5']), { pushes: 0 }],
    ['a prefix that fits', [tagged({ tagPrefixList: ['v'] })], image('a', 10, ['v1']), { days: 20 }],
    ['a prefix that does not', [tagged({ tagPrefixList: ['x'] })], image('a', 10, ['v1']), undefined],
    [
      'two prefixes, of which one fits',
      [tagged({ tagPrefixList: ['v', 'x'] })],
      image('a', 10, ['v1']),
      undefined,
    ],
    [
      'two prefixes and two tags',
      [tagged({ tagPrefixList: ['v', 'x'] })],
      image('a', 10, ['v1', 'x1']),
      { days: 20 },
    ],
    ['a pattern', [tagged({ tagPatternList: ['*-rc.*'] })], image('a', 10, ['1-rc.2']), { days: 20 }],
    [
      'a pattern whose dot is a dot',
      [tagged({ tagPatternList: ['1.2'] })],
      image('a', 10, ['1x2']),
      undefined,
    ],
    [
      'a rule before that keeps it',
      [tagged({ tagPrefixList: ['v'], countNumber: 3650 }), newest(1)],
      image('9', 9, ['v9']),
      { days: 3641 },
    ],
    [
      'the last pull',
      [tagged({ countType: 'sinceImagePulled', tagPatternList: ['*'] })],
      { ...image('a', 100, ['v1']), pulledAt: daysAgo(1) },
      { days: 29 },
    ],
    [
      'never pulled',
      [tagged({ countType: 'sinceImagePulled', tagPatternList: ['*'] })],
      image('a', 25, ['v1']),
      { days: 5 },
    ],
    [
      'a rule that is not known',
      [tagged({ countType: 'sinceImageAdmired', tagPatternList: ['*'] })],
      image('a', 900, ['v1']),
      undefined,
    ],
  ])('%s', (_, selections, of, left) => {
    expect(outlookOf(policy(...selections), of, repository, now)?.left).toEqual(left);
  });

  it('says the rule', () => {
    const found = outlookOf(policy(untagged, newest(5)), image('0', 0, ['v0']), repository, now);
    expect(found?.rule.says).toBe('rule 2: keep the newest 5');
  });

  it.each(['', 'no JSON', '{}'])('finds no rules in %j', (text) => {
    expect(lifecycleRules(text)).toEqual([]);
  });
});
