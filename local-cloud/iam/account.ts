/** The account's roles, users and policies, as the emulator keeps them and as the evaluation needs them. */
import {
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsResponse,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  type AttachedPermissionsBoundary,
  type AttachedPolicy,
  type EntityType,
  type IAMClient,
  type PolicyDetail,
} from '@aws-sdk/client-iam';

/** A policy with its name, for refusals and explanations. */
export interface NamedPolicy {
  name: string;
  policy: object;
}

/** Which conditions a policy has on what takes time to look up: tags of resources, items of tables. */
export interface AskedFor {
  tags: boolean;
  items: boolean;
}

/** What a role or a user may do by itself. */
export interface Identity {
  arn: string;
  id: string;
  policies: NamedPolicy[];
  boundary?: NamedPolicy;
  boundaryArn?: string;
  asksFor: AskedFor;
  tags: Record<string, string>;
}

/** A role that can be assumed. */
export interface Role extends Identity {
  name: string;
  trust: object;
}

interface Snapshot {
  roles: Map<string, Role>;
  users: Map<string, Identity>;
  /** The role of an instance profile, by the profile's name. */
  profiles: Map<string, string>;
}

/** Policies of AWS's own don't change while a cloud is up. */
const OF_AWS = 'arn:aws:iam::aws:policy/';

/** IAM gives documents URL-encoded (RFC 3986); the emulator some of them plain. */
function parse(document = '{}'): object {
  return JSON.parse(document.startsWith('%') ? decodeURIComponent(document) : document) as object;
}

const tagsOf = (tags: { Key?: string; Value?: string }[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** What IAM holds, read anew after every change of it. */
export class Account {
  readonly #client: IAMClient;
  readonly #ofAws = new Map<string, Promise<NamedPolicy>>();
  /** Seconds until a change is known to the services: IAM is eventually consistent. */
  readonly #delaySeconds: () => number;
  #snapshot: Promise<Snapshot> | undefined;

  constructor(client: IAMClient, delaySeconds: () => number) {
    this.#client = client;
    this.#delaySeconds = delaySeconds;
    if (delaySeconds() > 0) this.#snapshot = this.#read();
  }

  /** To be called after a call that may have changed something. */
  changed(): void {
    const seconds = this.#delaySeconds();
    if (seconds === 0) {
      this.#snapshot = undefined;
      return;
    }
    // What is known until then is what there was before.
    setTimeout(() => {
      this.#snapshot = this.#read();
    }, seconds * 1000).unref();
  }

  /** Undefined where there is none, or none yet. */
  async role(name: string): Promise<Role | undefined> {
    return (await this.#current()).roles.get(name);
  }

  /** The name of the role that an instance profile holds. */
  async roleOfProfile(profile: string): Promise<string | undefined> {
    return (await this.#current()).profiles.get(profile.split('/').at(-1) ?? '');
  }

  /** The user of a long-term access key; undefined where IAM has no such key. */
  async userOf(accessKeyId: string): Promise<Identity | undefined> {
    const command = new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId });
    const found = await this.#client.send(command).catch(() => undefined);
    return found?.UserName === undefined ? undefined : (await this.#current()).users.get(found.UserName);
  }

  /** Whether there is a role of this name at this moment: services know their own at once. */
  async has(RoleName: string): Promise<boolean> {
    const found = await this.#client.send(new GetRoleCommand({ RoleName })).catch(() => undefined);
    return found?.Role !== undefined;
  }

  /** The longest session of a role, in seconds. */
  async maxSessionDuration(roleName: string): Promise<number> {
    const { Role: role } = await this.#client.send(new GetRoleCommand({ RoleName: roleName }));
    return role?.MaxSessionDuration ?? 3600;
  }

  #current(): Promise<Snapshot> {
    this.#snapshot ??= this.#read();
    return this.#snapshot;
  }

  async #read(): Promise<Snapshot> {
    const Filter: EntityType[] = ['Role', 'User', 'Group', 'LocalManagedPolicy'];
    const details = await this.#client.send(new GetAccountAuthorizationDetailsCommand({ Filter }));
    const managed = managedPolicies(details.Policies);
    const policy = async (arn = ''): Promise<NamedPolicy> => managed.get(arn) ?? this.#policyOfAws(arn);
    const identity = async (detail: IdentityDetail): Promise<Identity> => {
      const policies = [
        ...detail.inline.map(({ PolicyName = '', PolicyDocument }) => ({
          name: PolicyName,
          policy: parse(PolicyDocument),
        })),
        ...(await Promise.all(detail.attached.map(({ PolicyArn }) => policy(PolicyArn)))),
      ];
      const boundaryArn = detail.boundary?.PermissionsBoundaryArn;
      const boundary = detail.boundary && (await policy(boundaryArn));
      const all = JSON.stringify([policies, boundary]);
      const asksFor = { tags: all.includes('ResourceTag/'), items: all.includes('dynamodb:LeadingKeys') };
      const { arn, id, tags } = detail;
      return { arn, id, tags, policies, boundary, boundaryArn, asksFor };
    };
    return { ...(await principals(details, identity)), profiles: profilesOf(details) };
  }

  #policyOfAws(arn: string): Promise<NamedPolicy> {
    const known = this.#ofAws.get(arn) ?? this.#readPolicy(arn);
    if (arn.startsWith(OF_AWS)) this.#ofAws.set(arn, known);
    return known;
  }

  async #readPolicy(arn: string): Promise<NamedPolicy> {
    const { Policy: found } = await this.#client.send(new GetPolicyCommand({ PolicyArn: arn }));
    const { PolicyVersion } = await this.#client.send(
      new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: found?.DefaultVersionId }),
    );
    return { name: found?.PolicyName ?? arn, policy: parse(PolicyVersion?.Document) };
  }
}

interface IdentityDetail {
  arn: string;
  id: string;
  tags: Record<string, string>;
  inline: PolicyDetail[];
  attached: AttachedPolicy[];
  boundary?: AttachedPermissionsBoundary;
}

function managedPolicies(policies: GetAccountAuthorizationDetailsResponse['Policies'] = []) {
  return new Map(
    policies.map(({ Arn = '', PolicyVersionList = [] }) => {
      const current = PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion);
      return [Arn, { name: Arn.split('/').at(-1) ?? '', policy: parse(current?.Document) }] as const;
    }),
  );
}

async function principals(
  { RoleDetailList = [], UserDetailList = [], GroupDetailList = [] }: GetAccountAuthorizationDetailsResponse,
  identity: (detail: IdentityDetail) => Promise<Identity>,
): Promise<Pick<Snapshot, 'roles' | 'users'>> {
  const roles = RoleDetailList.map(async (role): Promise<Role> => ({
    ...(await identity({
      ...{ arn: role.Arn ?? '', id: role.RoleId ?? '', tags: tagsOf(role.Tags) },
      ...{ inline: role.RolePolicyList ?? [], attached: role.AttachedManagedPolicies ?? [] },
      boundary: role.PermissionsBoundary,
    })),
    name: role.RoleName ?? '',
    trust: parse(role.AssumeRolePolicyDocument),
  }));
  const users = UserDetailList.map(async (user): Promise<[string, Identity]> => {
    // A user has the policies of its groups.
    const groups = GroupDetailList.filter(({ GroupName = '' }) => user.GroupList?.includes(GroupName));
    const inline = groups.flatMap(({ GroupPolicyList = [] }) => GroupPolicyList);
    const attached = groups.flatMap(({ AttachedManagedPolicies = [] }) => AttachedManagedPolicies);
    const own = await identity({
      ...{ arn: user.Arn ?? '', id: user.UserId ?? '', tags: tagsOf(user.Tags) },
      inline: [...(user.UserPolicyList ?? []), ...inline],
      attached: [...(user.AttachedManagedPolicies ?? []), ...attached],
      boundary: user.PermissionsBoundary,
    });
    return [user.UserName ?? '', own];
  });
  return {
    roles: new Map((await Promise.all(roles)).map((role) => [role.name, role])),
    users: new Map(await Promise.all(users)),
  };
}

function profilesOf({ RoleDetailList = [] }: GetAccountAuthorizationDetailsResponse): Map<string, string> {
  const pairs = RoleDetailList.flatMap(({ RoleName = '', InstanceProfileList = [] }) =>
    InstanceProfileList.map(({ InstanceProfileName = '' }) => [InstanceProfileName, RoleName] as const),
  );
  return new Map(pairs);
}
