/**
 * What roles may do and no call in the end-to-end test of the environments needs, each with its reason. The test compares
 * what the policies grant with the permissions that let its calls through and with this list: with any other grant taken
 * away it fails.
 */

const tags = 'a change of tags';
const docker = 'docker pull and push ask the registry, which asks IAM';
const rollout = 'a rollout that fails or is cancelled';
const zones = 'a change of network.availability_zones or network.nat';
const agent = "Session Manager's agent, which is part of the system";
const log = "docker's log driver";
const blueGreen = 'rollout.strategy, on, off and its rollouts: the tests of blue/green make them';
const newer = 'an upgrade to a newer version of the folder';

/** Of a deploy role. */
export const unrecorded: Record<string, string> = {
  'acm:RemoveTagsFromCertificate': tags,
  'autoscaling:AttachLoadBalancerTargetGroups':
    'a target group that is replaced, as for another container_port',
  'autoscaling:CancelInstanceRefresh': rollout,
  'autoscaling:DeleteTags': tags,
  'autoscaling:DetachLoadBalancerTargetGroups': 'a target group that is replaced',
  'autoscaling:DisableMetricsCollection': newer,
  'autoscaling:RollbackInstanceRefresh': rollout,
  'cloudwatch:GetMetricData': blueGreen,
  'cloudwatch:UntagResource': tags,
  'ec2:DeleteTags': tags,
  'ec2:ModifySecurityGroupRules': 'a change of service.container_port',
  'ec2:ModifyVpcEndpoint': zones,
  'ec2:ReplaceRoute': zones,
  'ecr:UpdateImageStorageClass': 'a rollback to an image that is archived',
  'elasticloadbalancing:CreateRule': blueGreen,
  'elasticloadbalancing:DeleteRule': blueGreen,
  'elasticloadbalancing:ModifyListener': 'a change of load_balancer.https',
  'elasticloadbalancing:ModifyRule': blueGreen,
  'elasticloadbalancing:ModifyTargetGroup': 'a change of the health check',
  'elasticloadbalancing:RemoveTags': tags,
  'elasticloadbalancing:SetRulePriorities': blueGreen,
  'elasticloadbalancing:SetSecurityGroups':
    'a security group that is replaced, as by a newer version of the folder',
  'elasticloadbalancing:SetSubnets': zones,
  'iam:CreateServiceLinkedRole': 'the first group, load balancer, database or Spot instance of an account',
  'iam:PutRolePermissionsBoundary': 'a role that an administrator made without the boundary',
  'iam:UntagInstanceProfile': tags,
  'iam:UntagRole': tags,
  'iam:UpdateAssumeRolePolicy': newer,
  'iam:UpdateRole': newer,
  'logs:UntagResource': tags,
  'rds:ModifyDBInstance': 'a change of the database, and a new password',
  'rds:ModifyDBSubnetGroup': zones,
  'rds:RemoveTagsFromResource': tags,
  'servicequotas:GetServiceQuota': blueGreen,
  's3:DeleteObjectVersion': 'the access logs that go with their bucket, which Terraform deletes by version',
  's3:GetBucketLocation': 'a state bucket whose region HeadBucket does not say',
  'sns:UntagResource': tags,
  'ssm:RemoveTagsFromResource': tags,
};

/** Of an instance. */
export const unrecordedOfInstances: Record<string, string> = {
  'ecr:BatchCheckLayerAvailability': docker,
  'ecr:BatchGetImage': docker,
  'ecr:GetDownloadUrlForLayer': docker,
  'logs:CreateLogStream': log,
  'logs:PutLogEvents': log,
  'ssm:UpdateInstanceInformation': agent,
  'ssmmessages:CreateControlChannel': agent,
  'ssmmessages:CreateDataChannel': agent,
  'ssmmessages:OpenControlChannel': agent,
  'ssmmessages:OpenDataChannel': agent,
};
