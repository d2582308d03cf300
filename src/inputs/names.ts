/** What AWS and Docker accept as names, each with the advice for the one who chose another. */
export interface NameRule {
  pattern: RegExp;
  advice: string;
}

/**
 * The application names everything. Its length is what the tightest of those names leaves: a target group or
 * load balancer has 32 characters, of which a hyphen and the environment's name take 11. ECR wants at least two;
 * ELBv2 refuses names that begin with "internal-" (and ours go on with a hyphen) and hyphens at the end, RDS two hyphens
 * in a row, and Parameter Store names under "aws" and "ssm".
 */
export const applicationName: NameRule = {
  pattern: /^(?!(internal|sg)(-|$)|aws|ssm)(?!.*--)[a-z][a-z0-9-]{0,18}[a-z0-9]$/,
  advice:
    'give 2 to 20 lower-case letters, digits and single hyphens that begin with a letter, and not with "internal", "sg-", "aws" or "ssm", which AWS keeps for itself',
};

/**
 * An environment: a part of every name, without hyphens, so that no two applications and environments give the same one.
 * `bootstrap` is where the state of terraform/bootstrap lies.
 */
export const environmentName: NameRule = {
  pattern: /^(?!bootstrap$)[a-z][a-z0-9]{1,9}$/,
  advice:
    'give dev, staging, prod or a name of your own: 2 to 10 lower-case letters and digits that begin with a letter, and not "bootstrap"',
};

export const regionName: NameRule = {
  pattern: /^[a-z]{2,4}-[a-z-]*[a-z]-\d{1,2}$/,
  advice: 'give the code of an AWS region, like eu-north-1',
};

export const roleArn: NameRule = {
  pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  advice: 'give the ARN of an IAM role, like arn:aws:iam::123456789012:role/shop-deploy',
};

/** Session name and external id: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const sessionName: NameRule = {
  pattern: /^[\w+=,.@-]{2,64}$/,
  advice: 'give 2 to 64 letters, digits and any of + = , . @ - _',
};

export const externalId: NameRule = {
  pattern: /^[\w+=,.@:/-]{2,1224}$/,
  advice:
    "give the external id that the role's trust policy asks for: 2 to 1224 letters, digits and any of + = , . @ : / - _",
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName: NameRule = {
  pattern:
    /^(?!xn--|sthree-|amzn-s3-demo-|[\d.]+$)(?!.*(\.\.|-s3alias$|--ol-s3$|\.mrap$|--x-s3$|--table-s3$))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  advice: 'give an S3 bucket name: 3 to 63 lower-case letters, digits, dots and hyphens',
};

/** A DynamoDB table name, or the word that turns the table off. */
export const lockTableName: NameRule = {
  pattern: /^(none|(?![Nn][Oo][Nn][Ee]$)[\w.-]{3,255})$/,
  advice: 'give a DynamoDB table name (3 to 255 letters, digits, dots, hyphens and underscores) or none',
};

export const stageName: NameRule = {
  pattern: /^[A-Za-z0-9][\w.-]*$/,
  advice: 'give the name of a stage of the Dockerfile',
};

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html, behind its registry or alone. */
export const repositoryPath: NameRule = {
  pattern:
    // eslint-disable-next-line security/detect-unsafe-regex -- separators stand between its parts
    /^(?=.{2,}$)([a-z0-9][a-z0-9.-]*(:\d+)?\/)?([a-z0-9]+([._-][a-z0-9]+)*\/)*[a-z0-9]+([._-][a-z0-9]+)*$/,
  advice:
    'give the name of an ECR repository, like team/shop, or its URI, like 123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop, without a tag and in lower case',
};

export const versionNumber: NameRule = {
  pattern: /^\d+\.\d+\.\d+$/,
  advice: 'give three numbers with dots, like 1.11.4',
};

export const webAddress: NameRule = {
  pattern: /^https?:\/\/[^\s/@]+($|\/)\S*$/,
  advice: 'give an address that begins with https:// and holds no password',
};

export const webPath: NameRule = {
  pattern: /^\/(?![/\\])[^\s#]*$/,
  advice: 'give a path that begins with one /, like /healthz',
};
