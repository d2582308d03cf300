# What a deploy role may do. Several policies, because one holds 6,144 characters. Where a statement names no resource, AWS
# offers none for the action. Which resources and conditions it offers is in its Service Authorization Reference.

locals {
  # The role that the environment's instances carry, and the only one that a deploy role may make.
  instance_role = { for environment in local.environments : environment => "arn:${local.partition}:iam::${local.account}:role/${var.application}-${environment}-instance${var.name_suffix}" }

  # Where the names of what the environment is made of begin.
  name = { for environment in local.environments : environment => "${var.application}-${environment}" }

  # With blue/green there is a second group and target group; the name of a target group ends at 32 characters
  # (../modules/service/blue_green.tf).
  groups = { for environment, name in local.name : environment => [name, "${name}-green"] }

  target_groups = { for environment, names in local.groups : environment => [
    for name in [names[0], length(names[1]) <= 32 ? names[1] : "${var.application}--${environment}"] : "${local.arn.elasticloadbalancing}:targetgroup/${name}/*"
  ] }

  # What belongs to an environment carries both: asked of what exists (aws:ResourceTag) and of what is being made
  # (aws:RequestTag). Each becomes a condition, and a statement applies when all of its conditions hold.
  environment_tags = { for environment in local.environments : environment => { Application = var.application, Environment = environment } }
}

data "aws_iam_policy_document" "deploy_release" {
  #checkov:skip=CKV_AWS_356:what names no resource here only reads, or logs in; AWS offers none for it
  for_each = local.environments

  statement {
    sid       = "State"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["arn:${local.partition}:s3:::${local.state_bucket}/${var.application}/${each.key}/*"]
  }

  statement {
    sid       = "BootstrapStateRead"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${local.state_bucket}/${var.application}/bootstrap/*"]
  }

  # Made by whoever runs the bootstrap; a deploy role checks them and never changes them.
  statement {
    sid = "StateBucketRead"
    actions = [
      "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging",
      "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:ListBucket",
    ]
    resources = ["arn:${local.partition}:s3:::${local.state_bucket}"]
  }

  # Locks and checksums of its own state alone: another environment's could be held, or its state made unreadable.
  statement {
    sid       = "Lock"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = ["${local.arn.dynamodb}:table/${local.lock_table}"]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["${local.state_bucket}/${var.application}/${each.key}/*"]
    }
  }

  statement {
    sid       = "LockTableRead"
    actions   = ["dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:ListTagsOfResource"]
    resources = ["${local.arn.dynamodb}:table/${local.lock_table}"]
  }

  statement {
    sid       = "RegistryLogin"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "Image"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
      "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:GetLifecyclePolicy", "ecr:InitiateLayerUpload",
      "ecr:PutImage", "ecr:UpdateImageStorageClass", "ecr:UploadLayerPart",
    ]
    resources = [local.repository_arn]
  }

  # Where an image is promoted from: it is looked at, and pulled by who has no other way to know it.
  dynamic "statement" {
    for_each = length(local.other_repositories) > 0 ? [local.other_repositories] : []
    content {
      sid = "ImageOfElsewhere"
      actions = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer", "ecr:GetLifecyclePolicy",
      ]
      resources = statement.value
    }
  }

  # A group gets no target group of another environment, whose requests its instances would then be sent.
  statement {
    sid = "Rollout"
    actions = [
      "autoscaling:AttachLoadBalancerTargetGroups", "autoscaling:CancelInstanceRefresh", "autoscaling:CreateAutoScalingGroup",
      "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteAutoScalingGroup", "autoscaling:DeletePolicy", "autoscaling:DeleteTags",
      "autoscaling:DetachLoadBalancerTargetGroups", "autoscaling:DisableMetricsCollection", "autoscaling:EnableMetricsCollection",
      "autoscaling:PutScalingPolicy", "autoscaling:RollbackInstanceRefresh",
      "autoscaling:StartInstanceRefresh", "autoscaling:UpdateAutoScalingGroup",
    ]
    resources = [for name in local.groups[each.key] : "${local.arn.autoscaling}:autoScalingGroup:*:autoScalingGroupName/${name}"]

    condition {
      test     = "ForAllValues:ArnLike"
      variable = "autoscaling:TargetGroupARNs"
      values   = local.target_groups[each.key]
    }
  }

  # Lists, which AWS gives whole or not at all.
  statement {
    sid = "ReadLists"
    actions = [
      "autoscaling:Describe*", "cloudwatch:GetMetricData", "ec2:Describe*", "elasticloadbalancing:Describe*",
      "logs:DescribeLogGroups", "route53:GetChange", "servicequotas:GetServiceQuota", "ssm:DescribeParameters",
    ]
    resources = ["*"]
  }

  # Asked for by filter and by name, so that AWS asks for "all of this account".
  statement {
    sid       = "ReadListsOfTheAccount"
    actions   = ["cloudwatch:DescribeAlarms", "rds:DescribeDBInstances"]
    resources = ["${local.arn.cloudwatch}:alarm:*", "${local.arn.rds}:db:*"]
  }

  # What an instance wrote on its console may be anything. Auto Scaling tags each with the name of its group, which nobody
  # else can.
  statement {
    sid       = "ReadConsole"
    actions   = ["ec2:GetConsoleOutput"]
    resources = ["${local.arn.ec2}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/aws:autoscaling:groupName"
      values   = local.groups[each.key]
    }
  }
}

# The network, and the launch template: what has ids instead of names, and is told apart by its tags.
data "aws_iam_policy_document" "deploy_network" {
  #checkov:skip=CKV_AWS_111:what exists is known by its tags alone; both are asked for
  #checkov:skip=CKV_AWS_356:same
  for_each = local.environments

  # What is made has to carry both tags. Three statements, because what one action makes is what another one is given: a
  # subnet that was only tagged in the request of CreateVpcEndpoint would be anybody's.
  dynamic "statement" {
    for_each = {
      MakeAlone     = { AllocateAddress = "elastic-ip", CreateInternetGateway = "internet-gateway", CreateLaunchTemplate = "launch-template", CreateVpc = "vpc" }
      MakeInNetwork = { CreateRouteTable = "route-table", CreateSecurityGroup = "security-group", CreateSubnet = "subnet" }
      MakeInSubnet  = { CreateNatGateway = "natgateway", CreateVpcEndpoint = "vpc-endpoint" }
    }
    content {
      sid       = statement.key
      actions   = [for action in keys(statement.value) : "ec2:${action}"]
      resources = [for type in values(statement.value) : "${local.arn.ec2}:${type}/*"]

      dynamic "condition" {
        for_each = local.environment_tags[each.key]
        content {
          test     = "StringEquals"
          variable = "aws:RequestTag/${condition.key}"
          values   = [condition.value]
        }
      }
    }
  }

  # Tags decide what may be changed, so they are given only while something is made, and only the environment's own.
  statement {
    sid       = "TagWhatIsMade"
    actions   = ["ec2:CreateTags"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values = [
        "AllocateAddress", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateInternetGateway", "CreateLaunchTemplate",
        "CreateNatGateway", "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet", "CreateVpc", "CreateVpcEndpoint", "RunInstances",
      ]
    }

    dynamic "condition" {
      for_each = local.environment_tags[each.key]
      content {
        test     = "StringEquals"
        variable = "aws:RequestTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }

  # What exists carries both tags, so one environment's role can't touch another's network, nor put anything into it.
  statement {
    sid = "ChangeNetworkAndTemplate"
    actions = [
      "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress",
      "ec2:CreateLaunchTemplateVersion", "ec2:CreateNatGateway", "ec2:CreateRoute", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup",
      "ec2:CreateSubnet", "ec2:CreateVpcEndpoint", "ec2:DeleteInternetGateway", "ec2:DeleteLaunchTemplate", "ec2:DeleteNatGateway",
      "ec2:DeleteRoute", "ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteVpc",
      "ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway", "ec2:DisassociateAddress", "ec2:DisassociateRouteTable",
      "ec2:ModifySecurityGroupRules", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint", "ec2:ReleaseAddress", "ec2:ReplaceRoute",
      "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "ec2:RunInstances",
    ]
    resources = ["*"]

    dynamic "condition" {
      for_each = local.environment_tags[each.key]
      content {
        test     = "StringEquals"
        variable = "aws:ResourceTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }

  # Other tags may change; what makes it the environment's own stays.
  statement {
    sid       = "ChangeTags"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = ["*"]

    dynamic "condition" {
      for_each = local.environment_tags[each.key]
      content {
        test     = "StringEquals"
        variable = "aws:ResourceTag/${condition.key}"
        values   = [condition.value]
      }
    }

    dynamic "condition" {
      for_each = local.environment_tags[each.key]
      content {
        test     = "StringEqualsIfExists"
        variable = "aws:RequestTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }

  # Rules have no tags while they are made. AWS asks about the group as well, and that is the statement above.
  statement {
    sid       = "RulesOfSecurityGroups"
    actions   = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:ModifySecurityGroupRules"]
    resources = ["${local.arn.ec2}:security-group-rule/*"]
  }

  # AWS asks it when a group gets a launch template, and when a refresh brings another version. Which template and which
  # security groups is asked as well, and needs the tags (above); EC2 itself puts no security group into another network,
  # so that the subnets are the environment's too, whether or not AWS knows them when it asks.
  statement {
    sid     = "LaunchFromTemplate"
    actions = ["ec2:RunInstances"]
    resources = concat(
      [for type in ["instance", "network-interface", "volume"] : "${local.arn.ec2}:${type}/*"],
      [for type in ["image", "snapshot", "subnet"] : "arn:${local.partition}:ec2:${var.region}:*:${type}/*"],
    )

    condition {
      test     = "ArnLike"
      variable = "ec2:LaunchTemplate"
      values   = ["${local.arn.ec2}:launch-template/*"]
    }
  }

  # In a network that exists already, perhaps another account's that shares it, security groups may be made.
  dynamic "statement" {
    for_each = { for environment, id in local.networks : environment => id if environment == each.key }
    content {
      sid       = "MakeInExistingNetwork"
      actions   = ["ec2:CreateSecurityGroup"]
      resources = ["arn:${local.partition}:ec2:${var.region}:*:vpc/${statement.value}"]
    }
  }
}

data "aws_iam_policy_document" "deploy_service" {
  #checkov:skip=CKV_AWS_111:only service-linked roles, whose services are named
  #checkov:skip=CKV_AWS_356:same
  for_each = local.environments

  statement {
    sid = "LoadBalancer"
    actions = [
      "elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer",
      "elasticloadbalancing:CreateRule", "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteRule", "elasticloadbalancing:DeleteTargetGroup",
      "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyListenerAttributes",
      "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyTargetGroup",
      "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetRulePriorities",
      "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
    ]
    resources = concat(
      [for type in ["loadbalancer", "listener", "listener-rule"] : "${local.arn.elasticloadbalancing}:${type}/app/${local.name[each.key]}/*"],
      local.target_groups[each.key],
    )
  }

  # A role only with the boundary, and handed to EC2 alone.
  statement {
    sid       = "MakeInstanceRole"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = [local.instance_role[each.key]]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [local.instance_boundary[each.key]]
    }
  }

  statement {
    sid = "InstanceRole"
    actions = [
      "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:DeleteRole", "iam:DeleteRolePolicy",
      "iam:GetInstanceProfile", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:TagRole",
      "iam:UntagInstanceProfile", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
    ]
    resources = [local.instance_role[each.key], "arn:${local.partition}:iam::${local.account}:instance-profile/${local.name[each.key]}-instance${var.name_suffix}"]
  }

  statement {
    sid       = "HandRoleToInstances"
    actions   = ["iam:PassRole"]
    resources = [local.instance_role[each.key]]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  statement {
    sid       = "ServiceLinkedRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/aws-service-role/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com", "rds.amazonaws.com", "spot.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "deploy_data" {
  for_each = local.environments

  statement {
    sid = "Parameters"
    actions = [
      "ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:GetParameter", "ssm:ListTagsForResource",
      "ssm:PutParameter", "ssm:RemoveTagsFromResource",
    ]
    resources = ["${local.arn.ssm}:parameter/${var.application}/${each.key}/*"]
  }

  statement {
    sid       = "NewestImageOfTheSystem"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${local.partition}:ssm:${var.region}::parameter/aws/service/*"]
  }

  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:ListTagsForResource", "logs:PutRetentionPolicy", "logs:TagResource",
      "logs:UntagResource",
    ]
    resources = [
      "${local.arn.logs}:log-group:/${var.application}/${each.key}/*",
      "${local.arn.logs}:log-group:/aws/rds/instance/${local.name[each.key]}/*",
    ]
  }

  statement {
    sid       = "Alarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    resources = [for alarm in ["error-rate", "green-error-rate", "green-latency", "healthy-hosts", "latency", "people-*"] : "${local.arn.cloudwatch}:alarm:${local.name[each.key]}-${alarm}"]
  }

  statement {
    sid       = "Dashboard"
    actions   = ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"]
    resources = ["arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.name[each.key]}${var.name_suffix}"]
  }

  statement {
    sid = "Topic"
    actions = [
      "sns:CreateTopic", "sns:DeleteTopic", "sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource",
      "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe", "sns:UntagResource",
    ]
    resources = ["${local.arn.sns}:${local.name[each.key]}-alarms"]
  }

  statement {
    sid = "Database"
    actions = [
      "rds:AddTagsToResource", "rds:CreateDBInstance", "rds:CreateDBParameterGroup", "rds:CreateDBSnapshot", "rds:CreateDBSubnetGroup", "rds:DeleteDBInstance",
      "rds:DeleteDBParameterGroup", "rds:DeleteDBSubnetGroup", "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters",
      "rds:DescribeDBSubnetGroups", "rds:ListTagsForResource", "rds:ModifyDBInstance", "rds:ModifyDBParameterGroup",
      "rds:ModifyDBSubnetGroup", "rds:RemoveTagsFromResource",
    ]
    resources = [
      "${local.arn.rds}:db:${local.name[each.key]}",
      "${local.arn.rds}:pg:${local.name[each.key]}-postgres*",
      "${local.arn.rds}:snapshot:${local.name[each.key]}-final-*",
      "${local.arn.rds}:subgrp:${local.name[each.key]}",
    ]
  }

  statement {
    sid = "AccessLogs"
    actions = [
      "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions", "s3:GetAccelerateConfiguration", "s3:GetBucket*",
      "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket",
      "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
    ]
    resources = ["arn:${local.partition}:s3:::${local.name[each.key]}-logs-${local.account}-*"]
  }
}

# Only for environments in github.zones: to ask for a certificate, prove that the domain is ours, and give the service its name.
data "aws_iam_policy_document" "deploy_certificate" {
  #checkov:skip=CKV_AWS_356:a certificate has no name before it is asked for; it must carry both tags
  #checkov:skip=CKV_AWS_111:same
  for_each = local.zones

  statement {
    sid       = "AskForCertificate"
    actions   = ["acm:AddTagsToCertificate", "acm:RequestCertificate"]
    resources = ["*"]

    dynamic "condition" {
      for_each = local.environment_tags[each.key]
      content {
        test     = "StringEquals"
        variable = "aws:RequestTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }

  statement {
    sid       = "ChangeCertificate"
    actions   = ["acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:DescribeCertificate", "acm:ListTagsForCertificate", "acm:RemoveTagsFromCertificate"]
    resources = ["${local.arn.acm}:certificate/*"]

    dynamic "condition" {
      for_each = local.environment_tags[each.key]
      content {
        test     = "StringEquals"
        variable = "aws:ResourceTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }

  statement {
    sid       = "ReadZone"
    actions   = ["route53:GetHostedZone", "route53:ListResourceRecordSets"]
    resources = ["arn:${local.partition}:route53:::hostedzone/${each.value}"]
  }

  # The proof for the certificate is a CNAME, the service's name an A: a zone's NS, MX or TXT records are out of reach.
  statement {
    sid       = "WriteRecords"
    actions   = ["route53:ChangeResourceRecordSets"]
    resources = ["arn:${local.partition}:route53:::hostedzone/${each.value}"]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "route53:ChangeResourceRecordSetsRecordTypes"
      values   = ["A", "CNAME"]
    }
  }
}

locals {
  deploy_policies = merge(
    { for environment, document in data.aws_iam_policy_document.deploy_release : "${environment}-release" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_network : "${environment}-network" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_service : "${environment}-service" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_data : "${environment}-data" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_certificate : "${environment}-certificate" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_application : "${environment}-application" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_grants : "${environment}-grants" => document.json },
  )
}

resource "aws_iam_policy" "deploy" {
  for_each = local.deploy_policies
  name     = "${var.application}-${each.key}${var.name_suffix}"
  policy   = each.value

  lifecycle {
    precondition {
      condition     = length(jsonencode(jsondecode(each.value))) <= 6144
      error_message = "The policy ${var.application}-${each.key}${var.name_suffix} would be ${length(jsonencode(jsondecode(each.value)))} characters long, and IAM takes 6144: name less in grants and image_repositories."
    }
  }
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = local.deploy_policies
  role       = aws_iam_role.deploy[split("-", each.key)[0]].name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}
