/**
 * Names and other texts that AWS refuses although its model of the service allows them: what the API references say
 * in prose. Wordings are AWS's where they are known; where they are not, it says so.
 */
import { type ApiCall, ApiError } from '../gateway/index.ts';

/** Says what is wrong with a parameter, or nothing. */
type Rule = (value: string, parameters: ApiCall['parameters']) => ApiError | undefined;

/** What one operation does not take in one parameter. */
interface NameRule {
  service: string;
  operations: readonly string[];
  parameter: string;
  rule: Rule;
}

/** The first rule that says no decides. */
const first =
  (...rules: Rule[]): Rule =>
  (value, parameters) => {
    for (const rule of rules) {
      const refusal = rule(value, parameters);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };

const refuse =
  (code: string, isWrong: (value: string) => boolean, say: (value: string) => string): Rule =>
  (value) =>
    isWrong(value) ? new ApiError(code, say(value)) : undefined;

const hyphenated = (value: string): boolean => value.startsWith('-') || value.endsWith('-');

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html, Name */
const loadBalancerName = first(
  refuse(
    'ValidationError',
    (name) => name.length > 32,
    (name) => `The load balancer name '${name}' cannot be longer than '32' characters`,
  ),
  refuse(
    'ValidationError',
    (name) => !/^[A-Za-z0-9-]+$/.test(name),
    (name) =>
      `The load balancer name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`,
  ),
  // The wordings of these two are not known.
  refuse(
    'ValidationError',
    hyphenated,
    (name) => `The load balancer name '${name}' cannot begin or end with '-'`,
  ),
  refuse(
    'ValidationError',
    (name) => name.startsWith('internal-'),
    (name) => `The load balancer name '${name}' cannot begin with 'internal-'`,
  ),
);

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html, Name */
const targetGroupName = first(
  refuse(
    'ValidationError',
    (name) => name.length > 32,
    (name) => `Target group name '${name}' cannot be longer than '32' characters`,
  ),
  refuse(
    'ValidationError',
    (name) => !/^[A-Za-z0-9-]+$/.test(name),
    (name) =>
      `Target group name '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
  ),
  refuse('ValidationError', hyphenated, (name) => `Target group name '${name}' cannot begin or end with '-'`),
);

const DEEPEST = 15;
const levels = (name: string): number => name.split('/').filter((part) => part !== '').length;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html, "Requirements" */
const parameterName = first(
  refuse(
    'AccessDeniedException',
    (name) => /^\/aws[^/]*\/./i.test(name),
    (name) => `No access to reserved parameter name: ${name}.`,
  ),
  refuse(
    'ValidationException',
    (name) => /^\/?(aws|ssm)/i.test(name),
    (name) =>
      name.includes('/', 1)
        ? 'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ' +
          'sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the ' +
          'following 3 symbols .-_'
        : 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
  ),
  refuse(
    'ValidationException',
    (name) => !/^[A-Za-z0-9._/-]+$/.test(name) || name.endsWith('/') || name.includes('//'),
    () =>
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ' +
      'sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the ' +
      'following 3 symbols .-_',
  ),
  refuse(
    'ValidationException',
    (name) => name.includes('/') && !name.startsWith('/'),
    () => 'Parameter name must be a fully qualified name.',
  ),
  refuse(
    'HierarchyLevelLimitExceededException',
    (name) => levels(name) > DEEPEST,
    (name) =>
      `Parameter name depth: ${levels(name)} exceeds maximum depth: ${DEEPEST}. Please shorten the parameter name.`,
  ),
);

const isIdentifier = (value: string): boolean =>
  /^[A-Za-z][A-Za-z0-9-]*$/.test(value) && !value.endsWith('-') && !value.includes('--');

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html: identifiers of all kinds. */
const identifier = (parameter: string, longest: number): Rule =>
  refuse(
    'InvalidParameterValue',
    (value) => value.length > longest || !isIdentifier(value),
    () =>
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ` +
      'ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  );

/** Names that PostgreSQL's RDS keeps for itself; other engines keep others. */
const RESERVED: Record<string, readonly string[]> = { postgres: ['admin'] };

const masterUsername = first(
  refuse(
    'InvalidParameterValue',
    (name) => !/^[A-Za-z]\w*$/.test(name),
    () => 'MasterUsername must begin with a letter and contain only alphanumeric characters or underscores.',
  ),
  (name, { Engine }) => {
    const reserved = ['rdsadmin', ...(RESERVED[String(Engine)] ?? [])];
    if (!reserved.includes(name.toLowerCase())) return undefined;
    const why = `MasterUsername ${name} cannot be used as it is a reserved word used by the engine`;
    return new ApiError('InvalidParameterValue', why);
  },
);

const masterPassword = first(
  refuse(
    'InvalidParameterValue',
    (value) => value.length < 8,
    () => 'The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.',
  ),
  refuse(
    'InvalidParameterValue',
    (value) => value.length > 128,
    () =>
      'The parameter MasterUserPassword is not a valid password because it is longer than 128 characters.',
  ),
  refuse(
    'InvalidParameterValue',
    (value) => !/^[!-~]+$/.test(value) || /[/@"]/.test(value),
    () =>
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', " +
      "'\"', ' ' may be used.",
  ),
);

const DESCRIBED = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/;
const AS_DESCRIBED =
  'Valid descriptions are strings less than 256 characters from the following set: ' +
  ' a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
const securityGroupDescription = first(
  refuse(
    'InvalidParameterValue',
    // eslint-disable-next-line no-control-regex -- ASCII is what it is about
    (value) => !/^[\x00-\x7f]*$/.test(value),
    (value) =>
      `Value (${value}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.`,
  ),
  refuse(
    'InvalidParameterValue',
    (value) => !DESCRIBED.test(value),
    () => `Invalid security group description. ${AS_DESCRIBED}`,
  ),
);

const securityGroupName = first(
  refuse(
    'InvalidParameterValue',
    (name) => name.startsWith('sg-'),
    (name) =>
      `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
  ),
  refuse(
    'InvalidParameterValue',
    (name) => !DESCRIBED.test(name),
    (name) =>
      `Value (${name}) for parameter GroupName is invalid. Character sets beyond the documented one are not supported.`,
  ),
);

const RULES: readonly NameRule[] = [
  {
    ...{ service: 'elasticloadbalancing', operations: ['CreateLoadBalancer'] },
    ...{ parameter: 'Name', rule: loadBalancerName },
  },
  {
    ...{ service: 'elasticloadbalancing', operations: ['CreateTargetGroup'] },
    ...{ parameter: 'Name', rule: targetGroupName },
  },
  { service: 'ssm', operations: ['PutParameter'], parameter: 'Name', rule: parameterName },
  {
    ...{ service: 'rds', operations: ['CreateDBInstance'] },
    ...{ parameter: 'DBInstanceIdentifier', rule: identifier('DBInstanceIdentifier', 63) },
  },
  {
    ...{ service: 'rds', operations: ['DeleteDBInstance'] },
    ...{ parameter: 'FinalDBSnapshotIdentifier', rule: identifier('FinalDBSnapshotIdentifier', 255) },
  },
  {
    ...{ service: 'rds', operations: ['CreateDBSnapshot'] },
    ...{ parameter: 'DBSnapshotIdentifier', rule: identifier('DBSnapshotIdentifier', 255) },
  },
  {
    ...{ service: 'rds', operations: ['CreateDBParameterGroup'] },
    ...{ parameter: 'DBParameterGroupName', rule: identifier('DBParameterGroupName', 255) },
  },
  { service: 'rds', operations: ['CreateDBInstance'], parameter: 'MasterUsername', rule: masterUsername },
  {
    ...{ service: 'rds', operations: ['CreateDBInstance', 'ModifyDBInstance'] },
    ...{ parameter: 'MasterUserPassword', rule: masterPassword },
  },
  {
    ...{ service: 'ec2', operations: ['CreateSecurityGroup'] },
    ...{ parameter: 'GroupName', rule: securityGroupName },
  },
  {
    ...{ service: 'ec2', operations: ['CreateSecurityGroup'] },
    ...{ parameter: 'GroupDescription', rule: securityGroupDescription },
  },
];

/** Why AWS would not take a name that a call gives. */
export function nameRefusal({ service, operation, parameters }: ApiCall): ApiError | undefined {
  for (const each of RULES) {
    const value = parameters[each.parameter];
    if (each.service !== service || !each.operations.includes(operation) || typeof value !== 'string')
      continue;
    const refusal = each.rule(value, parameters);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
