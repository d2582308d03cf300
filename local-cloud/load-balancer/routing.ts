/** Which action a request gets, and which target group: pure decisions over the configuration. */
import { BlockList, isIPv6 } from 'node:net';
import type { Action, Condition, ListenerConfiguration } from './configuration.ts';

/** What rules look at. */
export interface RequestFacts {
  method: string;
  /** The Host header, without a port. */
  host: string;
  path: string;
  query: URLSearchParams;
  /** Of the client, without regard to X-Forwarded-For. */
  sourceIp: string;
  /** By lower-case name. */
  headers: Record<string, string | string[] | undefined>;
}

/**
 * Matches a pattern of the elbv2 API: `*` is any run of characters, `?` exactly one.
 * @param foldCase host names, headers and query strings are compared without regard to case; paths are not
 */
export function matchesPattern(pattern: string, text: string, foldCase: boolean): boolean {
  const wanted = foldCase ? pattern.toLowerCase() : pattern;
  const given = foldCase ? text.toLowerCase() : text;
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < given.length) {
    if (wanted[at] === '*') {
      star = at;
      resume = position;
      at += 1;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      position = resume;
    } else {
      return false;
    }
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}

function matchesQuery(value: string, query: URLSearchParams): boolean {
  const separator = value.indexOf('=');
  const key = separator < 0 ? '*' : value.slice(0, separator);
  const wanted = separator < 0 ? value : value.slice(separator + 1);
  return [...query].some(
    ([name, given]) => matchesPattern(key, name, true) && matchesPattern(wanted, given, true),
  );
}

/** @param blocks in CIDR notation, of either family */
function isWithin(blocks: readonly string[], address: string): boolean {
  const given = address.replace(/^::ffff:/, '');
  const family = isIPv6(given) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', prefix = ''] = block.split('/');
    if (isIPv6(network) === isIPv6(given)) list.addSubnet(network, Number(prefix), family);
  }
  return list.check(given, family);
}

/** Whether one condition holds: any of its values does. */
export function conditionHolds(condition: Condition, request: RequestFacts): boolean {
  const { field, values } = condition;
  switch (field) {
    case 'path-pattern':
      return values.some((value) => matchesPattern(value, request.path, false));
    case 'host-header':
      return values.some((value) => matchesPattern(value, request.host, true));
    case 'http-request-method':
      return values.includes(request.method);
    case 'http-header': {
      const given = [request.headers[condition.header ?? '']].flat();
      return values.some((value) =>
        given.some((text) => text !== undefined && matchesPattern(value, text, true)),
      );
    }
    case 'query-string':
      return values.some((value) => matchesQuery(value, request.query));
    case 'source-ip':
      return isWithin(values, request.sourceIp);
  }
}

/** The action of the first rule, in order of priority, all of whose conditions hold. */
export function actionFor(listener: ListenerConfiguration, request: RequestFacts): Action | undefined {
  const rules = [...listener.rules].sort((left, right) => left.priority - right.priority);
  return rules.find((rule) => rule.conditions.every((condition) => conditionHolds(condition, request)))
    ?.action;
}

/**
 * Draws a target group by weight.
 * @param draw a number from 0 up to, not including, 1
 * @returns its ARN; undefined when every weight is 0
 */
export function drawTargetGroup(
  targetGroups: readonly { arn: string; weight: number }[],
  draw: number,
): string | undefined {
  const total = targetGroups.reduce((sum, { weight }) => sum + weight, 0);
  let left = draw * total;
  for (const { arn, weight } of targetGroups) {
    if (left < weight) return arn;
    left -= weight;
  }
  return undefined;
}

/** The Location of a redirect action; `#{host}` and its like stand for the request's own parts. */
export function redirectLocation(
  action: Extract<Action, { type: 'redirect' }>,
  request: RequestFacts,
  port: number,
): string {
  const own: Record<string, string> = {
    protocol: 'HTTP',
    host: request.host,
    port: String(port),
    path: request.path.replace(/^\//, ''),
    query: request.query.toString(),
  };
  const fill = (text: string): string =>
    text.replace(/#\{(\w+)\}/g, (whole, name: string) => own[name] ?? whole);
  const protocol = fill(action.protocol).toLowerCase();
  const filledPort = fill(action.port);
  const isDefault =
    (protocol === 'http' && filledPort === '80') || (protocol === 'https' && filledPort === '443');
  const query = fill(action.query);
  const authority = fill(action.host) + (isDefault ? '' : `:${filledPort}`);
  return `${protocol}://${authority}${fill(action.path)}${query === '' ? '' : `?${query}`}`;
}
