import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from '../../src/run/child-process.ts';
import { RunnerLog } from '../../src/github/log.ts';

function newLog() {
  const written: string[] = [];
  const log = new RunnerLog({
    info: (text) => void written.push(text.replace(/ [\d.]+ s$/, ' … s')),
    debug: (text) => void written.push(`debug ${text}`),
    warning: (text, at) => void written.push(`warning ${text}${at ? ` ${JSON.stringify(at)}` : ''}`),
    setSecret: (value) => void written.push(`mask ${value}`),
    startGroup: (title) => void written.push(`> ${title}`),
    endGroup: () => void written.push('<'),
  });
  return { log, written };
}

describe('RunnerLog', () => {
  it('shows a secret nowhere, also not line by line', () => {
    const { log, written } = newLog();
    log.secret('first line\nsecond line');
    log.line('a first line b');
    log.debug('second line');
    log.warning('first line\nsecond line');
    log.secret('   ');
    expect(written.slice(3)).toEqual(['a *** b', 'debug ***', 'warning ***']);
    expect(log.warnings).toEqual(['***']);
  });

  it('hides no public name, and warns once of a secret that is one', () => {
    const { log, written } = newLog();
    log.publish({ 'the application': 'shop' });
    log.secret('shop', 'output "name"');
    log.secret('shop', 'output "name"');
    log.line('https://shop.example');
    expect(written).toEqual([
      expect.stringMatching(/^warning output "name" is secret, .* also the application, .* not masked/),
      'https://shop.example',
    ]);
  });

  it('shows a warning at its place, where GitHub can', () => {
    const { log, written } = newLog();
    log.warning('careful', { file: 'infra/main.tf', line: 3 });
    log.warning('elsewhere', { file: '/usr/share/main.tf', line: 3 });
    expect(written).toEqual([
      'warning careful {"file":"infra/main.tf","startLine":3}',
      'warning elsewhere {}',
    ]);
  });

  it('writes a warning whole that the runner would cut, and warns with its beginning and end', () => {
    const { log, written } = newLog();
    const text = `::error::begins ${'x'.repeat(9000)} and ends`;
    log.warning(text, { file: 'main.tf', line: 1 });
    expect(written[0]).toBe(`· ${text}`);
    expect(written[1]).toMatch(
      /^warning ::error::begins x+\n… left out here; .*\nx+ and ends \{"file":"main.tf"/,
    );
    expect(written[1]?.length).toBeLessThan(4200);
    expect(log.warnings).toEqual([text]);
  });

  it('keeps workflow commands of others from being one', () => {
    const { log, written } = newLog();
    log.line('Step 1\n::set-env name=PATH::/evil\n  ##[add-path]/evil');
    expect(written).toEqual(['Step 1', '· ::set-env name=PATH::/evil', '  · ##[add-path]/evil']);
  });

  it('keeps what runs side by side apart', async () => {
    const { log, written } = newLog();
    const one = log.group('one', async () => {
      log.line('1a');
      await sleep(20);
      log.line('1b');
    });
    const two = log.group('two', async () => {
      log.line('2a');
      await sleep(5);
      log.line('2b');
    });
    const three = log.group('three', async () => {
      await sleep(30);
      await log.group('within', async () => log.line('3a'));
    });
    await Promise.all([one, two, three]);
    log.line('after');
    expect(written).toEqual([
      ...['> one', '1a', '1b', '<', '  done in … s'],
      ...['> two', '2a', '2b', '<', '  done in … s'],
      ...['> three', 'within', '3a', '<', '  done in … s'],
      'after',
    ]);
  });

  it('knows whose a line is when a child process wrote it', async () => {
    const { log, written } = newLog();
    const { signal } = new AbortController();
    let finish = (): void => undefined;
    const slow = log.group('slow', () => new Promise<void>((resolve) => (finish = resolve)));
    await log.group('child', () => runChild({ log, signal }, 'echo', ['from the child']));
    expect(written.filter((text) => !text.startsWith('debug'))).toEqual(['> slow']);
    finish();
    await slow;
    expect(written.filter((text) => !text.startsWith('debug'))).toEqual([
      ...['> slow', '<', '  done in … s'],
      ...['> child', 'from the child', '<', '  done in … s'],
    ]);
  });

  it('ends a group that failed', async () => {
    const { log, written } = newLog();
    await expect(log.group('bad', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(written).toEqual(['> bad', '<', '  failed after … s']);
  });
});
