import { describe, expect, it } from '@jest/globals';
import { Secrets } from '../../src/github/secrets.ts';

const names = { 'the application': 'shop', 'the region': 'eu-north-1', 'the group': 'shop-prod' };

function withPublicNames(): Secrets {
  const secrets = new Secrets();
  secrets.publish(names, true);
  return secrets;
}

describe('secrets', () => {
  it.each<[string, string, string, string]>([
    ['what holds a public name', 'shop-s3cret', 'shop-s3cret of shop', '*** of shop'],
    ['each line', 'first line\r\n second line', 'second line', '***'],
    ['without the blanks around it', ' hunter22\n', 'hunter22', '***'],
    ['each text of JSON', '{"a": ["hunter22", 12345678, true]}', 'hunter22 12345678 true', '*** *** true'],
    ['a text that looks like JSON', '{hunter22', '{hunter22 hunter22', '*** hunter22'],
    ['not what is too short to be told from chance', '1\nno\nabc', '1 no abc', '1 no abc'],
    ['not a port', '5432', 'i-0a5432', 'i-0a5432'],
    ['not the words of JSON', 'true\nnull\nNONE', 'true null NONE', 'true null NONE'],
  ])('hide %s', (_, secret, text, shown) => {
    const secrets = withPublicNames();
    secrets.add(secret);
    expect(secrets.mask(text)).toBe(shown);
  });

  it.each(['shop', 'shop-prod', 'prod', 'north', 'hop-'])('never hide the public %s, and say so', (text) => {
    const secrets = withPublicNames();
    const { added, shownBy } = secrets.add(text);
    expect(added).toEqual([]);
    expect(shownBy).toHaveLength(1);
    expect(secrets.mask(Object.values(names).join())).toBe(Object.values(names).join());
  });

  it('hide a part of what is public as a whole only', () => {
    const secrets = new Secrets();
    secrets.publish({ 'output "dsn"': 'postgres://app:hunter22@db', 'output "user"': 'postgres' }, false);
    expect(secrets.add('hunter22').added).toEqual(['hunter22']);
    expect(secrets.add('postgres').shownBy).toEqual(['output "user"']);
  });

  it('no longer hide what turns out to be public', () => {
    const secrets = new Secrets();
    secrets.add('local-cloud');
    expect(secrets.publish({ 'the application': 'local-cloud' }, true)).toEqual(['the application']);
    expect(secrets.mask('local-cloud')).toBe('local-cloud');
  });

  it('leave no rest of a secret that begins with another', () => {
    const secrets = new Secrets();
    secrets.add('hunter');
    secrets.add('hunter22');
    expect(secrets.mask('hunter22 hunter')).toBe('*** ***');
  });

  it('of any shape are hidden, and rewrite no public name of any shape', () => {
    const random = generator(20_261_127);
    for (let round = 0; round < 2000; round += 1) {
      const some = (): string => Array.from({ length: 1 + random(9) }, () => 'abc-'[random(4)]).join('');
      const published = Array.from({ length: 3 }, some);
      const secret = some();
      const secrets = new Secrets();
      secrets.publish(Object.fromEntries(published.map((value, index) => [`name ${index}`, value])), true);
      const { added, shownBy } = secrets.add(secret);
      const masked = secrets.mask(`${published.join(' ')} | ${secret}`);
      expect(masked.startsWith(`${published.join(' ')} | `)).toBe(true);
      const isPublic = published.some((name) => name.includes(secret));
      const isHidden = secret.length >= 4 && !isPublic;
      expect({ secret, hidden: !masked.includes(`| ${secret}`), told: shownBy.length > 0 }).toEqual({
        secret,
        hidden: isHidden,
        told: secret.length >= 4 && isPublic,
      });
      expect(added).toEqual(isHidden ? [secret] : []);
    }
  });
});

/** Numbers below a limit, the same ones in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
