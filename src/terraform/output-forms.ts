/** What an output of the contract has to be. */
export interface OutputForm {
  /** Its type and form, as a person reads it. */
  type: string;
  /** A line of Terraform that gives it. */
  line: string;
  /** A root may leave it out, or give null. */
  optional?: true;
  /** What is wrong with a value; undefined for one that is right. */
  wrong: (value: unknown) => string | undefined;
}

/**
 * Every output of the contract with its form. What is checked here is what the rollout relies on, so that nothing that
 * AWS or a browser would refuse is found out when instances have been replaced already.
 */
export const outputForms: Record<string, OutputForm> = {
  autoscaling_group_name: {
    type: 'the name of the group, a string',
    line: 'output "autoscaling_group_name" { value = aws_autoscaling_group.main.name }',
    wrong: text(groupName),
  },
  launch_template_id: {
    type: 'the id of the template, a string beginning with lt-',
    line: 'output "launch_template_id" { value = aws_launch_template.main.id }',
    wrong: text((id) => (/^lt-[0-9a-f]+$/.test(id) ? undefined : 'which is no id of a launch template')),
  },
  launch_template_version: {
    type: 'the number of the version that names the image',
    line: 'output "launch_template_version" { value = aws_launch_template.main.latest_version }',
    wrong: templateVersion,
  },
  target_group_arns: {
    type: 'a list of ARNs of target groups, which may be empty',
    line: 'output "target_group_arns" { value = [aws_lb_target_group.main.arn] }',
    wrong: listOf(targetGroupArn),
  },
  url: {
    type: 'the whole address of the service, beginning with http:// or https://',
    line: 'output "url" { value = "https://${aws_lb.main.dns_name}" }',
    wrong: text(address),
  },
  repository_url: {
    type: "the image's repository without tag and digest, a string",
    line: 'output "repository_url" { value = split("@", var.image)[0] }',
    wrong: text(repository),
  },
  alarm_names: {
    type: 'a list of names of alarms, which may be empty',
    line: 'output "alarm_names" { value = [] }',
    wrong: listOf(alarmName),
  },
  blue_green: {
    type: 'null, or an object with listener_rule_arn, preview_rule_arn, preview_header, groups (two of autoscaling_group_name and target_group_arn, blue first) and capacity (min and max)',
    line: 'output "blue_green" { value = null }',
    optional: true,
    wrong: blueGreen,
  },
};

type Check = (value: string) => string | undefined;

function text(check: Check): OutputForm['wrong'] {
  return (value) => {
    if (typeof value !== 'string') return `which is ${kindOf(value)} and no string`;
    if (value.trim() === '') return 'which is empty';
    return value === value.trim() ? check(value) : 'which has blanks around it';
  };
}

/** Terraform's lists, sets and tuples are all arrays in JSON. */
function listOf(check: Check): OutputForm['wrong'] {
  const element = text(check);
  return (value) => {
    if (!Array.isArray(value)) return `which is ${kindOf(value)} and no list`;
    for (const each of value) {
      const wrong = element(each);
      if (wrong !== undefined) return `whose element ${JSON.stringify(each)} is not right: ${wrong}`;
    }
    return undefined;
  };
}

/** All of it or nothing: half of what a rollout moves is found out when half of it was moved. */
function blueGreen(value: unknown): string | undefined {
  const all = object({
    listener_rule_arn: text(listenerRuleArn),
    preview_rule_arn: text(listenerRuleArn),
    preview_header: text(headerName),
    groups: (groups) => {
      if (!Array.isArray(groups) || groups.length !== 2) return 'which is no list of two groups';
      const group = object({
        autoscaling_group_name: text(groupName),
        target_group_arn: text(targetGroupArn),
      });
      const wrong = groups.flatMap((each, index) => {
        const problem = group(each);
        return problem === undefined
          ? []
          : [`whose ${index === 0 ? 'first' : 'second'} element is not right: ${problem}`];
      });
      const [one, other] = groups as Record<string, unknown>[];
      const same = (key: string) => one?.[key] === other?.[key];
      if (wrong.length === 0 && (same('autoscaling_group_name') || same('target_group_arn')))
        return 'whose elements name the same group twice';
      return wrong[0];
    },
    capacity: (capacity) => {
      const wrong = object({ min: size, max: size })(capacity);
      if (wrong !== undefined) return wrong;
      const { min, max } = capacity as { min: number; max: number };
      return min > max ? 'whose min is above its max' : undefined;
    },
  });
  return all(value);
}

function object(forms: Record<string, OutputForm['wrong']>): OutputForm['wrong'] {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `which is ${kindOf(value)} and no object`;
    for (const [name, wrong] of Object.entries(forms)) {
      if (!Object.hasOwn(value, name)) return `which has no ${name}`;
      const problem = wrong((value as Record<string, unknown>)[name]);
      if (problem !== undefined) return `whose ${name} is not right, ${problem}`;
    }
    return undefined;
  };
}

function size(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
    ? undefined
    : 'which is no whole number from 0';
}

/** ELBv2 API: arn:partition:elasticloadbalancing:region:account:listener-rule/app/name/id/id/id */
function listenerRuleArn(arn: string): string | undefined {
  return /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:listener-rule\/app\/[^\s]+$/.test(arn)
    ? undefined
    : 'which is no ARN of a rule of an Application Load Balancer';
}

/** RFC 9110, 5.1: a token; ELBv2 API, HttpHeaderConditionConfig: 40 characters at most. */
function headerName(name: string): string | undefined {
  return /^[\w!#$%&'*+.^`|~-]{1,40}$/.test(name) ? undefined : 'which is no name that a header can have';
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** Auto Scaling API, CreateAutoScalingGroup: 1 to 255 printable ASCII characters without a colon. */
function groupName(name: string): string | undefined {
  if (name.startsWith('arn:')) return 'which is an ARN and no name';
  return /^[\x20-\x39\x3b-\x7e]{1,255}$/.test(name)
    ? undefined
    : 'which is no name that an Auto Scaling group can have';
}

function templateVersion(value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string')
    return `which is ${kindOf(value)} and no number`;
  if (String(value).startsWith('$'))
    return 'which names another version tomorrow: only a number can be gone back to';
  return /^[1-9]\d{0,14}$/.test(String(value)) ? undefined : 'which is no whole number from 1';
}

/** ELBv2 API: arn:partition:elasticloadbalancing:region:account:targetgroup/name/id */
function targetGroupArn(arn: string): string | undefined {
  if (/^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup\/[^/\s]+\/[^/\s]+$/.test(arn))
    return undefined;
  if (/^arn:[\w-]+:vpc-lattice:/.test(arn))
    return 'it belongs to VPC Lattice, which is not a load balancer that this action asks for health';
  return /^arn:[\w-]+:elasticloadbalancing:/.test(arn)
    ? 'it is the ARN of something else of the load balancer'
    : 'it is no ARN of a target group';
}

/** Stricter than the parser of URLs, which mends slashes and drops line breaks that a reader would stumble over. */
function address(url: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return 'which has no scheme';
  if (!/^https?:\/\//i.test(url)) return 'which is neither http nor https';
  if (/[\s\p{Cc}]/u.test(url)) return 'which has blanks in it';
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || /^https?:\/\/\//i.test(url)) return 'which is no address';
  if (parsed.username !== '' || parsed.password !== '')
    return 'which has a user or a password in it, and is shown in logs and outputs';
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/i.test(parsed.hostname) ? undefined : 'which names no host';
}

/** The grammar of the registry's references: [host[:port]/]path, without tag and digest. */
function repository(name: string): string | undefined {
  if (name.includes('://')) return 'which has a scheme';
  if (name.includes('@')) return 'which has a digest';
  if (/:[^/]*$/.test(name)) return 'which has a tag';
  const [first = '', ...path] = name.split('/');
  const host = path.length > 0 ? first.replace(/:\d+$/, '') : first;
  return [host, ...path].every((part) => /^[a-z0-9][a-z0-9._-]*$/i.test(part) && /[a-z0-9]$/i.test(part))
    ? undefined
    : 'which is no repository of images';
}

function alarmName(name: string): string | undefined {
  if (/^arn:[\w-]+:cloudwatch:/.test(name)) return 'it is an ARN and no name';
  return name.length <= 255 ? undefined : 'it is longer than a name can be';
}
