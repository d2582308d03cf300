import { describe, expect, it } from '@jest/globals';
import { contentTag, decideSource } from '../../src/image/commit.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('decideSource', () => {
  const sha = 'a'.repeat(40);
  it.each([
    ['on GitHub', sha, '', '', sha, sha],
    ['a clean checkout', '', sha, '', sha, sha],
    ['a changed checkout', '', sha, ' M app.js\n?? new.js\n', '', undefined],
    ['no repository', '', '', '', '', undefined],
  ])('%s', (...row) => {
    const [, github, head, changed, commit, tag] = row;
    const source = decideSource(github, head, changed);
    expect([source.commit, source.tag]).toEqual([commit, tag]);
    if (tag === undefined) expect(source.note).toContain('named after its content');
  });

  it('names content by the image’s id', () => {
    expect(contentTag(digest)).toBe('content-0123456789ab');
  });
});
