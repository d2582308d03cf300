/** One rule of a repository's lifecycle policy, as far as it can take an image away. */
export interface LifecycleRule {
  priority: number;
  /** "keep the newest 30", in the words of a report. */
  says: string;
  tagStatus: string;
  /** Wildcard patterns, each of which one of the image's tags must match. */
  patterns: string[];
  countType: string;
  countNumber: number;
}

/** What the rules ask of an image. */
export interface StoredImage {
  digest: string;
  tags: readonly string[];
  pushedAt: Date | undefined;
  pulledAt: Date | undefined;
}

/** After how many more pushes or days the rules take an image; 0 for what they take within a day. */
export interface Outlook {
  rule: LifecycleRule;
  left: { pushes: number } | { days: number };
}

interface PolicyRule {
  rulePriority?: number;
  selection?: {
    tagStatus?: string;
    tagPrefixList?: string[];
    tagPatternList?: string[];
    countType?: string;
    countNumber?: number;
  };
}

const dayMilliseconds = 86_400_000;

/** The rules of a lifecycle policy document, by priority; none for what is no such document. Pure. */
export function lifecycleRules(policyText: string): LifecycleRule[] {
  try {
    const { rules = [] } = JSON.parse(policyText) as { rules?: PolicyRule[] };
    return rules.map(ruleOf).sort((one, other) => one.priority - other.priority);
  } catch {
    return [];
  }
}

function ruleOf({ rulePriority = 0, selection = {} }: PolicyRule): LifecycleRule {
  const {
    tagStatus = '',
    tagPrefixList = [],
    tagPatternList = [],
    countType = '',
    countNumber = 0,
  } = selection;
  const says: Record<string, string> = {
    imageCountMoreThan: `keep the newest ${countNumber}`,
    sinceImagePushed: `${countNumber} days after the push`,
    sinceImagePulled: `${countNumber} days after the last pull`,
  };
  return {
    priority: rulePriority,
    says: `rule ${rulePriority}: ${says[countType] ?? countType}`,
    tagStatus,
    patterns: [...tagPatternList, ...tagPrefixList.map((prefix) => `${prefix}*`)],
    countType,
    countNumber,
  };
}

/** Whether a rule is about an image at all: by its tags, each pattern matched by one of them. */
function selects({ tagStatus, patterns }: LifecycleRule, { tags }: Pick<StoredImage, 'tags'>): boolean {
  if (tagStatus === 'untagged') return tags.length === 0;
  if (tagStatus === 'any') return true;
  return tags.length > 0 && patterns.every((pattern) => tags.some((tag) => matches(pattern, tag)));
}

function matches(pattern: string, tag: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
  // eslint-disable-next-line security/detect-non-literal-regexp -- every character but the wildcard is escaped
  return new RegExp(`^${parts.join('.*')}$`).test(tag);
}

/** The rule that decides over an image: the first by priority that selects it; later ones can't take it any more. */
export function decidingRule(
  rules: readonly LifecycleRule[],
  image: Pick<StoredImage, 'tags'>,
): LifecycleRule | undefined {
  return rules.find((rule) => selects(rule, image));
}

/**
 * What a repository's rules will do to an image, as ECR evaluates them (Amazon ECR User Guide, "Automate the cleanup
 * of images by using lifecycle policies"): it does not matter whether the image runs. Expiring and archiving are the
 * same here, since an archived image can't be pulled. Pure.
 *
 * @param images every image of the repository; only a rule that counts looks at them
 * @returns undefined when no rule is about the image, or a kind of rule that is not known
 */
export function outlookOf(
  rules: readonly LifecycleRule[],
  image: StoredImage,
  images: readonly StoredImage[],
  now: Date,
): Outlook | undefined {
  const rule = decidingRule(rules, image);
  if (rule === undefined) return undefined;
  switch (rule.countType) {
    case 'imageCountMoreThan': {
      const newer = images.filter(
        (other) => selects(rule, other) && time(other.pushedAt) > time(image.pushedAt),
      );
      return { rule, left: { pushes: Math.max(0, rule.countNumber - newer.length) } };
    }
    case 'sinceImagePushed':
      return { rule, left: { days: daysLeft(rule, image.pushedAt, now) } };
    case 'sinceImagePulled':
      return { rule, left: { days: daysLeft(rule, image.pulledAt ?? image.pushedAt, now) } };
    default:
      return undefined;
  }
}

function time(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}

function daysLeft({ countNumber }: LifecycleRule, since: Date | undefined, now: Date): number {
  const age = since === undefined ? 0 : (now.getTime() - since.getTime()) / dayMilliseconds;
  return Math.max(0, Math.floor(countNumber - age));
}
