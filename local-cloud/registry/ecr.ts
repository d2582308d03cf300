/** ECR's JSON API: repositories, their settings, and the login. Images are in ecr-images.ts. */
import { type ApiCall, ApiError, type Operation, type Service } from '../gateway/index.ts';
import { imageOperations } from './ecr-images.ts';
import { page, requiredText } from './parameters.ts';
import { type Peers, registryName } from './peers.ts';
import type { ExclusionFilter, Repositories, Repository, TagMutability } from './repositories.ts';
import type { Tokens } from './tokens.ts';

interface Tag {
  Key: string;
  Value: string;
}

const describe = (repository: Repository, registryId: string): Record<string, unknown> => ({
  repositoryArn: repository.arn,
  registryId,
  repositoryName: repository.name,
  repositoryUri: repository.uri,
  createdAt: repository.createdAt,
  imageTagMutability: repository.mutability,
  imageTagMutabilityExclusionFilters:
    repository.exclusionFilters.length > 0 ? repository.exclusionFilters : undefined,
  imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
  encryptionConfiguration: repository.encryption,
});

function invalid(parameter: string, constraint: string): ApiError {
  const what = `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`;
  return new ApiError('InvalidParameterException', what);
}

function mutabilityOf(parameters: ApiCall['parameters']): {
  mutability: TagMutability;
  exclusionFilters: ExclusionFilter[];
} {
  const mutability = (parameters.imageTagMutability ?? 'MUTABLE') as TagMutability;
  const filters = (parameters.imageTagMutabilityExclusionFilters ?? []) as ExclusionFilter[];
  if (mutability.endsWith('_WITH_EXCLUSION') !== filters.length > 0) {
    throw invalid(
      'imageTagMutabilityExclusionFilters',
      'with a mutability WITH_EXCLUSION, and only with one',
    );
  }
  return { mutability, exclusionFilters: filters };
}

function scanOnPush(parameters: ApiCall['parameters']): boolean {
  const configuration = parameters.imageScanningConfiguration as { scanOnPush?: boolean } | undefined;
  return configuration?.scanOnPush ?? false;
}

function repositoryOperations(repositories: Repositories): Record<string, Operation> {
  const { registryId } = repositories;
  const named = ({ parameters }: ApiCall): Repository =>
    repositories.get(requiredText(parameters, 'repositoryName'));
  return {
    CreateRepository({ parameters }) {
      const name = requiredText(parameters, 'repositoryName');
      const settings = { ...mutabilityOf(parameters), scanOnPush: scanOnPush(parameters) };
      const repository = repositories.create(name, settings);
      for (const { Key, Value } of (parameters.tags ?? []) as Tag[]) repository.tags.set(Key, Value);
      const encryption = parameters.encryptionConfiguration as Record<string, unknown> | undefined;
      if (encryption !== undefined) repository.encryption = encryption;
      return { repository: describe(repository, registryId) };
    },
    DescribeRepositories({ parameters }) {
      const names = parameters.repositoryNames as string[] | undefined;
      const found = names === undefined ? repositories.list() : names.map((name) => repositories.get(name));
      const { items, nextToken } = page(found, parameters);
      return { repositories: items.map((repository) => describe(repository, registryId)), nextToken };
    },
    DeleteRepository(call) {
      const repository = repositories.delete(named(call).name, call.parameters.force === true);
      return { repository: describe(repository, registryId) };
    },
    PutImageTagMutability(call) {
      const repository = named(call);
      Object.assign(repository, mutabilityOf(call.parameters));
      const { name: repositoryName, mutability: imageTagMutability, exclusionFilters } = repository;
      const imageTagMutabilityExclusionFilters = exclusionFilters.length > 0 ? exclusionFilters : undefined;
      return { registryId, repositoryName, imageTagMutability, imageTagMutabilityExclusionFilters };
    },
    PutImageScanningConfiguration(call) {
      const repository = named(call);
      repository.scanOnPush = scanOnPush(call.parameters);
      const imageScanningConfiguration = { scanOnPush: repository.scanOnPush };
      return { registryId, repositoryName: repository.name, imageScanningConfiguration };
    },
  };
}

function policyOperations(repositories: Repositories): Record<string, Operation> {
  const { registryId } = repositories;
  const named = ({ parameters }: ApiCall): Repository =>
    repositories.get(requiredText(parameters, 'repositoryName'));
  const missing = (kind: string, code: string, { name }: Repository): ApiError => {
    const where = `for the repository with name '${name}' in the registry with id '${registryId}'`;
    return new ApiError(code, `${kind} policy does not exist ${where}`);
  };
  const lifecycle = (repository: Repository): Record<string, unknown> => {
    const policy = repository.lifecyclePolicy;
    if (policy === undefined) throw missing('Lifecycle', 'LifecyclePolicyNotFoundException', repository);
    const { text: lifecyclePolicyText, evaluatedAt: lastEvaluatedAt } = policy;
    return { registryId, repositoryName: repository.name, lifecyclePolicyText, lastEvaluatedAt };
  };
  const access = (repository: Repository): Record<string, unknown> => {
    const { policyText, name: repositoryName } = repository;
    if (policyText === undefined)
      throw missing('Repository', 'RepositoryPolicyNotFoundException', repository);
    return { registryId, repositoryName, policyText };
  };
  return {
    PutLifecyclePolicy(call) {
      const repository = named(call);
      const text = requiredText(call.parameters, 'lifecyclePolicyText');
      requireJson('LifecyclePolicyText', text);
      repository.lifecyclePolicy = { text, evaluatedAt: new Date() };
      return { ...lifecycle(repository), lastEvaluatedAt: undefined };
    },
    GetLifecyclePolicy: (call) => lifecycle(named(call)),
    DeleteLifecyclePolicy(call) {
      const repository = named(call);
      const answer = lifecycle(repository);
      repository.lifecyclePolicy = undefined;
      return answer;
    },
    SetRepositoryPolicy(call) {
      const repository = named(call);
      const text = requiredText(call.parameters, 'policyText');
      requireJson('PolicyText', text);
      repository.policyText = text;
      return access(repository);
    },
    GetRepositoryPolicy: (call) => access(named(call)),
    DeleteRepositoryPolicy(call) {
      const repository = named(call);
      const answer = access(repository);
      repository.policyText = undefined;
      return answer;
    },
  };
}

function requireJson(parameter: string, text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw invalid(parameter, 'Invalid JSON syntax');
  }
}

function tagOperations(repositories: Repositories): Record<string, Operation> {
  const tagged = ({ parameters }: ApiCall): Repository =>
    repositories.byArn(requiredText(parameters, 'resourceArn'));
  return {
    TagResource(call) {
      const { tags } = tagged(call);
      for (const { Key, Value } of (call.parameters.tags ?? []) as Tag[]) tags.set(Key, Value);
      return {};
    },
    UntagResource(call) {
      const { tags } = tagged(call);
      for (const key of (call.parameters.tagKeys ?? []) as string[]) tags.delete(key);
      return {};
    },
    ListTagsForResource(call) {
      return { tags: [...tagged(call).tags].map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

/** Each account has a registry in each region; of all but ours and our peers' it is only known that nothing is in them. */
function inItsRegistry(
  { registryId, region }: Repositories,
  operations: Record<string, Operation>,
  peers: Peers | undefined,
): Record<string, Operation> {
  const guarded = (operation: Operation): Operation => {
    return async (call) => {
      const { registryId: asked = registryId, repositoryName, repositoryNames } = call.parameters;
      if (asked === registryId && call.region === region) return operation(call);
      const peer = await peers?.find(String(asked), call.region);
      if (peer !== undefined) return peers?.send(peer, call);
      const [name = ''] = [repositoryName, repositoryNames].flat();
      const what = `The repository with name '${String(name)}' does not exist`;
      throw new ApiError('RepositoryNotFoundException', `${what} in the registry with id '${String(asked)}'`);
    };
  };
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [name, guarded(operation)]),
  );
}

/**
 * ECR over our own registry.
 * @param endpoint what docker logs in to, for instance `http://127.0.0.1:5570`
 * @param peers who has the registries of other accounts and regions
 */
export function createEcr(
  repositories: Repositories,
  tokens: Tokens,
  endpoint: string,
  peers?: Peers,
): Service {
  const { registryId, region: ownRegion } = repositories;
  const own = {
    ...repositoryOperations(repositories),
    ...policyOperations(repositories),
    ...tagOperations(repositories),
    ...imageOperations(repositories, tokens, endpoint),
  };
  return {
    protocol: 'json',
    namespace: 'AmazonEC2ContainerRegistry_V20150921',
    ownedEntirely: true,
    operations: {
      ...inItsRegistry(repositories, own, peers),
      GetAuthorizationToken: ({ signer, region }) => {
        const proxyEndpoint = region === ownRegion ? endpoint : `https://${registryName(registryId, region)}`;
        return { authorizationData: [{ ...tokens.issue(region, signer), proxyEndpoint }] };
      },
    },
  };
}
