import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { ConfigError, readConfig } from '../src/config.js';

describe('readConfig', () => {
  it('has a default for everything, and the version of package.json', () => {
    const config = readConfig({});
    assert.equal(config.port, 3000);
    assert.equal(config.databaseUrl, undefined);
    assert.match(config.version, /^\d+\.\d+\.\d+$/);
    assert.ok(config.instance.length > 0);
  });

  it('takes an empty value for "not given"', () => {
    assert.equal(readConfig({ PORT: '', APP_VERSION: '', DATABASE_URL: '' }).port, 3000);
  });

  it('keeps connections longer than a load balancer does', () => {
    assert.ok(readConfig({}).keepAliveMilliseconds > 60_000);
  });

  it("reads sslmode as libpq does, so that RDS's own authority is no obstacle to require", () => {
    const { databaseUrl } = readConfig({ DATABASE_URL: 'postgresql://u:p@db:5432/x?sslmode=require' });
    assert.deepEqual(new pg.Client({ connectionString: databaseUrl }).connectionParameters.ssl, {
      rejectUnauthorized: false,
    });
    const plain = 'postgresql://u:p@db:5432/x';
    assert.equal(readConfig({ DATABASE_URL: plain }).databaseUrl, plain);
  });

  for (const [name, value] of [
    ['PORT', '80a'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['LAME_DUCK_SECONDS', '1.5'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_URL', 'mysql://root:hunter2@db/x'],
    ['DATABASE_URL', 'hunter2'],
  ]) {
    it(`refuses ${name}=${value} by name`, () => {
      assert.throws(
        () => readConfig({ [name]: value }),
        (error) =>
          error instanceof ConfigError &&
          error.message.startsWith(name) &&
          !error.message.includes('hunter2'),
      );
    });
  }
});
