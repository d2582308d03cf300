/** What IAM policies grant, by their actions; whether a call may be made is the local cloud's to say. */

export interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface Policy {
  Statement: Statement[];
}

/** IAM's wildcards: * is any text, ? any character. Actions are compared without regard to case. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  // eslint-disable-next-line security/detect-non-literal-regexp -- a policy of our own, escaped
  return new RegExp(`^${expression}$`, 'i').test(text);
}

/** Every action that policies grant, as it is written there. */
export function grants(policies: Policy[]): string[] {
  const actions = policies.flatMap(({ Statement }) => Statement).flatMap(({ Action }) => Action);
  return [...new Set(actions)];
}

/** Actions that none of the policies grants. */
export function notGranted(actions: string[], policies: Policy[]): string[] {
  return actions.filter((action) => !grants(policies).some((pattern) => matches(pattern, action)));
}

/** What the policies grant and none of the actions is. */
export function notNeeded(actions: string[], policies: Policy[]): string[] {
  return grants(policies)
    .filter((pattern) => !actions.some((action) => matches(pattern, action)))
    .sort();
}
