/** What AWS says when IAM does not allow a call, wherever it is quoted: by the SDK, Terraform or Docker. */

/** The kinds of policy that AWS names as the reason. */
const kinds = [
  'identity-based policy',
  'permissions boundary',
  'session policy',
  'resource-based policy',
  'service control policy',
  'resource control policy',
  'VPC endpoint policy',
] as const;

/** A call that IAM did not allow. */
export interface Denial {
  /** ARN of who made it. */
  principal: string;
  /** `ec2:DeleteVpc` */
  action: string;
  /** ARN, or `*` for what knows no resources; undefined where AWS does not say it. */
  resource: string | undefined;
  /** A statement denies it, rather than that none allows it. */
  explicit: boolean;
  /** The policy that denies it, or has no statement that allows it; undefined where AWS does not say it. */
  policy: (typeof kinds)[number] | undefined;
}

/**
 * Finds the first refusal in a text. The words are those of the IAM user guide, "Troubleshoot access denied error
 * messages": `User: <ARN> is not authorized to perform: <action> on resource: <ARN> because no … allows the action`.
 */
export function denialIn(text: string): Denial | undefined {
  const plain = text.replace(/\s+/g, ' ');
  const found = /User: (arn:\S+) is not authorized to perform: ([\w-]+):(\w+)/.exec(plain);
  if (found === null) return undefined;
  const [quoted, principal = '', service = '', name = ''] = found;
  // What follows belongs to it up to the next refusal.
  const rest = plain.slice(found.index + quoted.length).split('User: arn:')[0] ?? '';
  const resource = /^ on resource: "?(\*|arn:[^\s"]+?)"?(?:[.,;]?(?: |$))/.exec(rest)?.[1];
  const why = /(?:because no|explicit deny in an?) ([a-zA-Z -]+?(?:policy|boundary))/.exec(rest);
  return {
    principal,
    action: `${service.toLowerCase()}:${name}`,
    resource,
    explicit: why?.[0].startsWith('explicit') === true,
    policy: kinds.find((kind) => kind === why?.[1]),
  };
}

/** `arn:aws:sts::…:assumed-role/shop-dev-deploy/session` is the role shop-dev-deploy. */
function nameOf(principal: string): string {
  const [, role] = /:assumed-role\/([^/]+)\//.exec(principal) ?? [];
  return role === undefined ? principal : `role ${role}`;
}

/** What to do about it, as one sentence without its full stop. */
export function adviceOn({ principal, action, resource = '*', explicit, policy }: Denial): string {
  const who = nameOf(principal);
  const place = placeOf(policy, { who, resource });
  if (explicit)
    return `${place} denies ${action} on ${resource}, which no other statement outweighs: look for its statement with "Effect": "Deny"`;
  const statement = JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource });
  return policy === undefined || policy === 'identity-based policy'
    ? `give ${who} this statement: ${statement}; where terraform/bootstrap made the role, its newest version may have it: apply it again`
    : `${place} has to allow ${who} ${action} on ${resource}`;
}

function placeOf(policy: Denial['policy'], { who, resource }: { who: string; resource: string }): string {
  switch (policy) {
    case 'resource-based policy':
      return `the policy of ${resource} itself`;
    case 'service control policy':
    case 'resource control policy':
      return `a ${policy} of your organisation`;
    case 'VPC endpoint policy':
      return "the policy of the network's VPC endpoint";
    case 'permissions boundary':
    case 'session policy':
      return `the ${policy} of ${who}`;
    case 'identity-based policy':
    case undefined:
      return `a policy of ${who}`;
  }
}
