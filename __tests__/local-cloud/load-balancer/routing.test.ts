import { describe, expect, it } from '@jest/globals';
import type { Condition, ListenerConfiguration } from '../../../local-cloud/load-balancer/configuration.ts';
import { readAction, readCondition } from '../../../local-cloud/load-balancer/emulator.ts';
import { matchesCode } from '../../../local-cloud/load-balancer/health-check.ts';
import {
  actionFor,
  conditionHolds,
  drawTargetGroup,
  matchesPattern,
  redirectLocation,
  type RequestFacts,
} from '../../../local-cloud/load-balancer/routing.ts';

const request: RequestFacts = {
  method: 'GET',
  host: 'Shop.example.com',
  path: '/api/items/7',
  query: new URLSearchParams('page=2&Sort=name'),
  sourceIp: '::ffff:127.0.0.1',
  headers: { 'user-agent': 'curl/8', accept: ['text/html', 'text/plain'] },
};

describe('patterns', () => {
  it.each<[string, string, boolean, boolean]>([
    ['/api/*', '/api/items', false, true],
    ['/api/*', '/apis', false, false],
    ['/*.png', '/a/b.png', false, true],
    ['/?', '/a', false, true],
    ['/?', '/', false, false],
    ['*a*b*', 'xxaxxbxx', false, true],
    ['*a*b', 'xxaxxbxx', false, false],
    ['/API', '/api', false, false],
    ['*.EXAMPLE.com', 'shop.example.com', true, true],
    ['', '', false, true],
    ['*', '', false, true],
    ['a.c', 'abc', false, false],
  ])('%s against %s', (pattern, text, foldCase, expected) => {
    expect(matchesPattern(pattern, text, foldCase)).toBe(expected);
  });

  it('does not take exponential time', () => {
    // It would not end in this life.
    expect(matchesPattern('*a'.repeat(40) + 'b', 'a'.repeat(5000), false)).toBe(false);
  });
});

describe('conditions', () => {
  it.each<[string, Condition, boolean]>([
    ['path', { field: 'path-pattern', values: ['/x', '/api/*'] }, true],
    ['host', { field: 'host-header', values: ['*.example.com'] }, true],
    ['method', { field: 'http-request-method', values: ['POST'] }, false],
    ['header', { field: 'http-header', header: 'accept', values: ['*plain'] }, true],
    ['absent header', { field: 'http-header', header: 'cookie', values: ['*'] }, false],
    [
      'header value in another case',
      { field: 'http-header', header: 'user-agent', values: ['CURL/?'] },
      true,
    ],
    ['another header value', { field: 'http-header', header: 'user-agent', values: ['wget', 'curl'] }, false],
    ['source', { field: 'source-ip', values: ['192.0.2.1/32', '127.0.0.0/8'] }, true],
    ['another source', { field: 'source-ip', values: ['192.0.2.1/32'] }, false],
    ['a source of the other family', { field: 'source-ip', values: ['::/0'] }, false],
    ['query key and value', { field: 'query-string', values: ['sort=NAME'] }, true],
    ['query value alone', { field: 'query-string', values: ['3'] }, false],
  ])('%s', (_, condition, expected) => {
    expect(conditionHolds(condition, request)).toBe(expected);
  });

  it('are read from both forms of the API', () => {
    expect(readCondition({ Field: 'path-pattern', Values: ['/a'] })).toEqual({
      field: 'path-pattern',
      values: ['/a'],
    });
    expect(
      readCondition({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Try', Values: ['1'] } }),
    ).toEqual({ field: 'http-header', header: 'x-try', values: ['1'] });
  });
});

describe('rules', () => {
  const fixed = (body: string) =>
    ({ type: 'fixed-response', status: 200, contentType: 'text/plain', body }) as const;
  const listener: ListenerConfiguration = {
    arn: 'l',
    port: 80,
    rules: [
      { priority: Infinity, conditions: [], action: fixed('default') },
      { priority: 20, conditions: [{ field: 'path-pattern', values: ['/api/*'] }], action: fixed('twenty') },
      {
        priority: 10,
        conditions: [
          { field: 'path-pattern', values: ['/api/*'] },
          { field: 'http-request-method', values: ['DELETE'] },
        ],
        action: fixed('ten'),
      },
    ],
  };

  it.each([
    ['GET', '/api/x', 'twenty'],
    ['DELETE', '/api/x', 'ten'],
    ['GET', '/', 'default'],
  ])('%s %s gets %s', (method, path, body) => {
    expect(actionFor(listener, { ...request, method, path })).toMatchObject({ body });
  });

  it('reads the last action, with weights where there are some', () => {
    expect(
      readAction([
        { Type: 'authenticate-oidc', Order: 1 },
        {
          Type: 'forward',
          Order: 2,
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: 'a', Weight: 90 },
              { TargetGroupArn: 'b', Weight: 0 },
            ],
          },
        },
      ]),
    ).toEqual({
      type: 'forward',
      targetGroups: [
        { arn: 'a', weight: 90 },
        { arn: 'b', weight: 0 },
      ],
    });
    expect(readAction([{ Type: 'forward', TargetGroupArn: 'a' }])).toEqual({
      type: 'forward',
      targetGroups: [{ arn: 'a', weight: 1 }],
    });
  });
});

describe('weights', () => {
  const groups = [
    { arn: 'a', weight: 90 },
    { arn: 'none', weight: 0 },
    { arn: 'b', weight: 10 },
  ];
  it.each<[number, string]>([
    [0, 'a'],
    [0.89, 'a'],
    [0.9, 'b'],
    [0.999, 'b'],
  ])('a draw of %f gives %s', (draw, arn) => {
    expect(drawTargetGroup(groups, draw)).toBe(arn);
  });
  it('gives nothing when every weight is 0', () => {
    expect(drawTargetGroup([{ arn: 'a', weight: 0 }], 0.5)).toBeUndefined();
  });
});

describe('redirects', () => {
  const keep = {
    type: 'redirect',
    status: 301,
    protocol: '#{protocol}',
    host: '#{host}',
    port: '#{port}',
    path: '/#{path}',
    query: '#{query}',
  } as const;
  it('fill in what the request had', () => {
    expect(redirectLocation({ ...keep, protocol: 'HTTPS', port: '443' }, request, 80)).toBe(
      'https://Shop.example.com/api/items/7?page=2&Sort=name',
    );
    expect(redirectLocation({ ...keep, host: 'b.example', path: '/new', query: '' }, request, 8081)).toBe(
      'http://b.example:8081/new',
    );
  });
});

describe('matcher', () => {
  it.each<[string, number, boolean]>([
    ['200', 200, true],
    ['200', 201, false],
    ['200,202', 202, true],
    ['200-299', 250, true],
    ['200-299', 300, false],
    ['200, 301-302', 302, true],
  ])('%s and %i', (matcher, code, expected) => {
    expect(matchesCode(matcher, code)).toBe(expected);
  });
});
