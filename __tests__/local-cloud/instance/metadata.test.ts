import { describe, expect, it } from '@jest/globals';
import { MetadataService, type InstanceFacts } from '../../../local-cloud/instance/metadata.ts';

const facts: InstanceFacts = {
  instanceId: 'i-0123456789abcdef0',
  accountId: '123456789012',
  region: 'eu-north-1',
  availabilityZone: 'eu-north-1b',
  imageId: 'ami-1',
  instanceType: 't3.micro',
  privateIpAddress: '10.0.1.7',
  launchedAt: Date.UTC(2026, 0, 2),
  userData: '#!/bin/bash\n',
  role: { name: 'shop-dev-instance', profileArn: 'arn:aws:iam::123456789012:instance-profile/shop-dev' },
  tags: { Name: 'shop-dev' },
};
const NOW = Date.UTC(2026, 0, 2, 3);

function session(over: Partial<InstanceFacts> = {}) {
  const service = new MetadataService({ ...facts, ...over });
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = service.answer({ method: 'PUT', path: '/latest/api/token', headers }, NOW);
  return {
    service,
    get: (path: string, now = NOW) =>
      service.answer({ method: 'GET', path, headers: { 'x-aws-ec2-metadata-token': token.body } }, now),
  };
}

describe('tokens', () => {
  it.each<[string, string, Record<string, string>, number]>([
    ['without a token', 'GET', {}, 401],
    ['with a made-up token', 'GET', { 'x-aws-ec2-metadata-token': 'guess' }, 401],
    ['by POST', 'POST', {}, 405],
  ])('metadata %s', (_, method, headers, status) => {
    const { service } = session();
    expect(service.answer({ method, path: '/latest/meta-data/', headers }, NOW).status).toBe(status);
  });

  it.each<[string, Record<string, string>, number]>([
    ['without a lifetime', {}, 400],
    ['with a lifetime of 0', { 'x-aws-ec2-metadata-token-ttl-seconds': '0' }, 400],
    ['with more than six hours', { 'x-aws-ec2-metadata-token-ttl-seconds': '21601' }, 400],
    ['with a lifetime that is no number', { 'x-aws-ec2-metadata-token-ttl-seconds': 'x' }, 400],
    ['through a proxy', { 'x-aws-ec2-metadata-token-ttl-seconds': '60', 'x-forwarded-for': '10.0.0.1' }, 403],
    ['as it should be', { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' }, 200],
  ])('a token asked for %s', (_, headers, status) => {
    const { service } = session();
    expect(service.answer({ method: 'PUT', path: '/latest/api/token', headers }, NOW).status).toBe(status);
  });

  it('end', () => {
    const { get } = session();
    expect(get('/latest/meta-data/instance-id', NOW + 59_999).status).toBe(200);
    expect(get('/latest/meta-data/instance-id', NOW + 60_000).status).toBe(401);
  });
});

describe('documents', () => {
  it.each([
    ['instance-id', 'i-0123456789abcdef0'],
    ['local-ipv4', '10.0.1.7'],
    ['placement/region', 'eu-north-1'],
    ['placement/availability-zone', 'eu-north-1b'],
    ['placement/', 'availability-zone\nregion'],
    ['iam/security-credentials/', 'shop-dev-instance'],
    ['tags/instance/Name', 'shop-dev'],
    ['tags/instance', 'Name'],
    ['local-hostname', 'ip-10-0-1-7.eu-north-1.compute.internal'],
  ])('%s', (path, body) => {
    expect(session().get(`/latest/meta-data/${path}`)).toMatchObject({ status: 200, body });
  });

  it('lists folders with a slash', () => {
    expect(session().get('/latest/meta-data/').body.split('\n')).toEqual(
      expect.arrayContaining(['iam/', 'placement/', 'instance-id']),
    );
    expect(session().get('/latest').body).toBe('dynamic/\nmeta-data/\nuser-data');
  });

  it('gives credentials of the role that no other instance has, and that are still good', () => {
    const path = '/latest/meta-data/iam/security-credentials/shop-dev-instance';
    const mine = JSON.parse(session().get(path).body) as Record<string, string>;
    const other = JSON.parse(session({ instanceId: 'i-1' }).get(path).body) as Record<string, string>;
    expect(mine).toMatchObject({ Code: 'Success', Type: 'AWS-HMAC' });
    expect(mine.AccessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
    expect(mine.AccessKeyId).not.toBe(other.AccessKeyId);
    expect(Date.parse(mine.Expiration ?? '')).toBeGreaterThan(NOW);
  });

  it('has no credentials without a profile, no user data where there is none', () => {
    const { get } = session({ role: undefined, userData: '' });
    expect(get('/latest/meta-data/iam/security-credentials/').status).toBe(404);
    expect(get('/latest/user-data').status).toBe(404);
    expect(get('/latest/meta-data/nothing').status).toBe(404);
    expect(get('/2009-04-04/meta-data').status).toBe(404);
  });

  it('identifies the instance', () => {
    expect(JSON.parse(session().get('/latest/dynamic/instance-identity/document').body)).toMatchObject({
      accountId: '123456789012',
      instanceId: 'i-0123456789abcdef0',
      region: 'eu-north-1',
      pendingTime: '2026-01-02T00:00:00Z',
    });
  });
});
