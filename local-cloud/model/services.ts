/** How each service says no to a request that its model does not allow: code, wording, and what it looks at. */
import { type ApiCall, ApiError } from '../gateway/index.ts';
import { type Problem, problemsOf } from './constraints.ts';
import { type Model, readModel, shapeOf } from './models.ts';
import { nameRefusal } from './names.ts';

/** Turns what is wrong into the service's error; undefined where the service does not look at such things. */
type Refusal = (problems: readonly Problem[]) => ApiError | undefined;

interface ServiceRules {
  /** botocore's name of the service. */
  model: string;
  refuse: Refusal;
}

const text = ({ at, value, constraint }: Problem): string => {
  const shown = value === undefined ? '' : ` ${value === 'null' ? value : `'${value}'`}`;
  return `Value${shown} at '${at}' failed to satisfy constraint: ${constraint}`;
};

/** The framework that most services are made with names everything that is wrong at once. */
const detected =
  (code: string): Refusal =>
  (problems) => {
    const errors = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected`;
    return new ApiError(code, `${errors}: ${problems.map(text).join('; ')}`);
  };

/** A value of a wrong type does not get as far as validation. The wording for queries is ours. */
function unreadable(format: WireFormat, problems: readonly Problem[]): ApiError | undefined {
  const wrong = problems.find(({ kind }) => kind === 'type');
  if (wrong === undefined || format === 'ec2') return undefined;
  // AWS's own words, which several of its services use.
  if (wrong.constraint === 'timestamp')
    return new ApiError('MalformedInput', 'timestamp must follow ISO8601');
  if (format === 'json') return new ApiError('SerializationException', wrong.constraint);
  return new ApiError('MalformedInput', `The value of ${wrong.name} can't be read as ${wrong.constraint}.`);
}

function missing(
  problems: readonly Problem[],
  code: string,
  say: (name: string) => string,
): ApiError | undefined {
  const first = problems.find(({ kind }) => kind === 'missing');
  return first && new ApiError(code, say(first.name));
}

/** EC2's model has next to no constraints, and its enumerations are looser than it: members are all that is judged. */
const ec2: Refusal = (problems) => {
  const outermost = problems.filter(({ at }) => !at.includes('.'));
  const unknown = outermost.find(({ kind }) => kind === 'unknown');
  if (unknown !== undefined) return new ApiError('UnknownParameter', unknown.constraint);
  return missing(outermost, 'MissingParameter', (name) => `The request must contain the parameter ${name}`);
};

const rds: Refusal = (problems) => {
  const said = (name: string): string => `The parameter ${name} must be provided and must not be blank.`;
  return missing(problems, 'InvalidParameterValue', said) ?? detected('ValidationError')(problems);
};

const sns: Refusal = (problems) => {
  const said = (name: string): string => `Invalid parameter: ${name} Reason: no value for required parameter`;
  return missing(problems, 'InvalidParameter', said) ?? detected('ValidationError')(problems);
};

/** ECR names the first thing that is wrong, in a form of its own. */
const ecr: Refusal = ([first]) => {
  if (first === undefined) return undefined;
  const pattern = /^Member must satisfy regular expression pattern: (.*)$/s.exec(first.constraint)?.[1];
  const constraint =
    pattern === undefined ? first.constraint : `must satisfy regular expression '${pattern}'`;
  const what = `Invalid parameter at '${first.at}' failed to satisfy constraint: '${constraint}'`;
  return new ApiError('InvalidParameterException', what);
};

/** By signing name. What is not here (S3, Route 53) is not judged by its model. */
const SERVICES: Record<string, ServiceRules> = {
  autoscaling: { model: 'autoscaling', refuse: detected('ValidationError') },
  elasticloadbalancing: { model: 'elbv2', refuse: detected('ValidationError') },
  iam: { model: 'iam', refuse: detected('ValidationError') },
  sts: { model: 'sts', refuse: detected('ValidationError') },
  monitoring: { model: 'cloudwatch', refuse: detected('ValidationError') },
  rds: { model: 'rds', refuse: rds },
  sns: { model: 'sns', refuse: sns },
  ec2: { model: 'ec2', refuse: ec2 },
  ecr: { model: 'ecr', refuse: ecr },
  ssm: { model: 'ssm', refuse: detected('ValidationException') },
  dynamodb: { model: 'dynamodb', refuse: detected('ValidationException') },
  logs: { model: 'logs', refuse: detected('InvalidParameterException') },
  kms: { model: 'kms', refuse: detected('ValidationException') },
  acm: { model: 'acm', refuse: detected('ValidationException') },
  servicequotas: { model: 'service-quotas', refuse: detected('ValidationException') },
  secretsmanager: { model: 'secretsmanager', refuse: detected('ValidationException') },
};

/** How a request came; what is in CBOR the gateway does not read. */
type WireFormat = 'query' | 'ec2' | 's3' | 'json' | 'cbor';

/** What the gateway asks AWS's models. */
export interface Models {
  /** @throws ApiError in the service's words when the request is not what its model allows, or has a bad name */
  validate(call: ApiCall, format: WireFormat): void;
  /** The status that the model gives an operation's error; undefined when it does not name it. */
  statusOf(call: Pick<ApiCall, 'service' | 'operation'>, code: string): number | undefined;
}

function statusOf(model: Model, operation: string, code: string): number | undefined {
  const errors = Object.hasOwn(model.operations, operation) ? model.operations[operation]?.errors : undefined;
  for (const { shape } of errors ?? []) {
    const { error, fault } = shapeOf(model, shape);
    if ((error?.code ?? shape) === code) return error?.httpStatusCode ?? (fault === true ? 500 : 400);
  }
  return undefined;
}

/**
 * The models of all services that are judged, each read when it is first asked for.
 * @param folder botocore's data
 */
export function createModels(folder: string): Models {
  const read = new Map<string, Model>();
  const rulesOf = ({ service }: Pick<ApiCall, 'service'>): ServiceRules | undefined =>
    Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
  const modelOf = (rules: ServiceRules): Model => {
    const known = read.get(rules.model) ?? readModel(folder, rules.model);
    read.set(rules.model, known);
    return known;
  };
  return {
    validate(call, format) {
      const rules = rulesOf(call);
      if (rules === undefined || format === 'cbor') return;
      const problems = problemsOf(modelOf(rules), format, call);
      const byModel =
        problems.length === 0 ? undefined : (unreadable(format, problems) ?? rules.refuse(problems));
      const refusal = byModel ?? nameRefusal(call);
      if (refusal !== undefined) throw refusal;
    },
    statusOf(call, code) {
      const rules = rulesOf(call);
      return rules && statusOf(modelOf(rules), call.operation, code);
    },
  };
}
