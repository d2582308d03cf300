/** What AWS says when IAM does not allow a call, wherever it is quoted: by the SDK, Terraform or Docker. */

/** A call that IAM did not allow. */
export interface Denial {
  /** ARN of who made it. */
  principal: string;
  /** `ec2:DeleteVpc` */
  action: string;
  /** ARN, or `*` for what knows no resources; undefined where AWS does not say it. */
  resource: string | undefined;
  /** What stands against it: a statement that is missing, one that denies, or a limit on the whole role. */
  because: 'missing' | 'denied' | 'boundary';
}

/**
 * Finds the first refusal in a text. The words are those of the IAM user guide, "Troubleshoot access denied error
 * messages": `User: <ARN> is not authorized to perform: <action> on resource: <ARN> because no … allows the action`.
 */
export function denialIn(text: string): Denial | undefined {
  const plain = text.replace(/\s+/g, ' ');
  const [found, principal = '', action = ''] =
    /User: (arn:\S+) is not authorized to perform: ([\w-]+:\w+)/.exec(plain) ?? [];
  if (found === undefined) return undefined;
  const rest = plain.slice(plain.indexOf(found) + found.length, plain.indexOf(found) + found.length + 1000);
  const resource = /^ on resource: "?(\*|arn:[^\s"]+?)"?(?:[.,;]?(?: |$))/.exec(rest)?.[1];
  const [service = '', name = ''] = action.split(':');
  return { principal, action: `${service.toLowerCase()}:${name}`, resource, because: reasonIn(rest) };
}

function reasonIn(rest: string): Denial['because'] {
  const [why = ''] = /^[^|]*?(?:explicit deny|because no [a-z- ]+ allows|$)/.exec(rest) ?? [];
  if (why.includes('explicit deny')) return 'denied';
  return why.includes('permissions boundary') ? 'boundary' : 'missing';
}

/** `arn:aws:sts::…:assumed-role/shop-dev-deploy/session` is the role shop-dev-deploy. */
function nameOf(principal: string): string {
  const [, role] = /:assumed-role\/([^/]+)\//.exec(principal) ?? [];
  return role === undefined ? principal : `role ${role}`;
}

/** What to do about it, as one sentence. */
export function adviceOn({ principal, action, resource = '*', because }: Denial): string {
  const statement = JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource });
  const who = nameOf(principal);
  switch (because) {
    case 'denied':
      return `a policy of ${who} or of ${resource} denies ${action}, which no other statement outweighs: look for the statement with "Effect": "Deny"`;
    case 'boundary':
      return `the permissions boundary of ${who} must allow it as well: ${statement}`;
    case 'missing':
      return `give ${who} this statement: ${statement}; where terraform/bootstrap made the role, its newest version may have it: apply it again`;
  }
}
