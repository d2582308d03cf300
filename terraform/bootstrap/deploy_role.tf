# What a deploy role may do. Several policies, because one holds 6,144 characters. Where a statement names no resource,
# AWS offers none for the action (reads, and the making of things that have no name yet); the region then is the limit.

locals {
  # The role that the environment's instances carry, and the only one that a deploy role may make.
  instance_role = { for environment in local.environments : environment => "arn:${local.partition}:iam::${local.account}:role/${var.application}-${environment}-instance" }

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

  statement {
    sid       = "Lock"
    actions   = ["dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:ListTagsOfResource"]
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
      "ecr:PutImage", "ecr:UploadLayerPart",
    ]
    resources = [aws_ecr_repository.main.arn]
  }

  statement {
    sid = "Rollout"
    actions = [
      "autoscaling:AttachLoadBalancerTargetGroups", "autoscaling:CancelInstanceRefresh", "autoscaling:CreateAutoScalingGroup",
      "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteAutoScalingGroup", "autoscaling:DeletePolicy", "autoscaling:DeleteTags",
      "autoscaling:DetachLoadBalancerTargetGroups", "autoscaling:DisableMetricsCollection", "autoscaling:EnableMetricsCollection",
      "autoscaling:PutScalingPolicy", "autoscaling:RollbackInstanceRefresh",
      "autoscaling:StartInstanceRefresh", "autoscaling:UpdateAutoScalingGroup",
    ]
    resources = ["${local.arn.autoscaling}:autoScalingGroup:*:autoScalingGroupName/${var.application}-${each.key}"]
  }

  statement {
    sid = "ReadEverythingThatARolloutLooksAt"
    actions = [
      "acm:DescribeCertificate", "acm:ListTagsForCertificate", "autoscaling:Describe*", "cloudwatch:DescribeAlarms",
      "cloudwatch:ListTagsForResource", "ec2:Describe*", "ec2:GetConsoleOutput",
      "elasticloadbalancing:Describe*", "logs:DescribeLogGroups", "logs:ListTagsForResource", "rds:Describe*",
      "rds:ListTagsForResource", "route53:GetChange", "ssm:DescribeParameters",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "deploy_service" {
  #checkov:skip=CKV_AWS_111:what is made has no name yet; the region and the application's tag are the limit
  #checkov:skip=CKV_AWS_356:same
  for_each = local.environments

  statement {
    sid = "MakeNetworkAndTemplate"
    actions = [
      "ec2:AllocateAddress", "ec2:CreateInternetGateway", "ec2:CreateLaunchTemplate", "ec2:CreateNatGateway", "ec2:CreateRouteTable",
      "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateVpc", "ec2:CreateVpcEndpoint", "ec2:RunInstances",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  # Tags decide what the next statement but one may change, so they are given to what is being made,
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
  }

  # and to the security group that AWS makes with a VPC: one that belongs to no environment yet.
  statement {
    sid       = "TagDefaultSecurityGroup"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.arn.ec2}:security-group/*"]

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/Environment"
      values   = ["true"]
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

  # What exists carries both tags, so one environment's role can't touch another's network.
  statement {
    sid = "ChangeNetworkAndTemplate"
    actions = [
      "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress",
      "ec2:CreateLaunchTemplateVersion", "ec2:CreateRoute", "ec2:CreateTags", "ec2:DeleteInternetGateway", "ec2:DeleteLaunchTemplate",
      "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet",
      "ec2:DeleteTags", "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway", "ec2:DisassociateAddress",
      "ec2:DisassociateRouteTable", "ec2:ModifySecurityGroupRules", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint",
      "ec2:ReleaseAddress", "ec2:ReplaceRoute", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
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

  # Rules have no tags while they are made. AWS asks about the group as well, and that is the statement above.
  statement {
    sid       = "RulesOfSecurityGroups"
    actions   = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:ModifySecurityGroupRules"]
    resources = ["${local.arn.ec2}:security-group-rule/*"]
  }

  statement {
    sid = "LoadBalancer"
    actions = [
      "elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer",
      "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DeleteListener", "elasticloadbalancing:DeleteLoadBalancer",
      "elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyListenerAttributes",
      "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RemoveTags",
      "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
    ]
    resources = [
      "${local.arn.elasticloadbalancing}:loadbalancer/app/${var.application}-${each.key}/*",
      "${local.arn.elasticloadbalancing}:listener/app/${var.application}-${each.key}/*",
      "${local.arn.elasticloadbalancing}:targetgroup/${var.application}-${each.key}/*",
    ]
  }

  # A role only with the boundary, and handed to EC2 alone.
  statement {
    sid       = "MakeInstanceRole"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = [local.instance_role[each.key]]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.instance[each.key].arn]
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
    resources = [local.instance_role[each.key], "arn:${local.partition}:iam::${local.account}:instance-profile/${var.application}-${each.key}-instance"]
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
      "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource",
      "logs:UntagResource",
    ]
    resources = [
      "${local.arn.logs}:log-group:/${var.application}/${each.key}/*",
      "${local.arn.logs}:log-group:/aws/rds/instance/${var.application}-${each.key}/*",
    ]
  }

  statement {
    sid       = "Alarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    resources = ["${local.arn.cloudwatch}:alarm:${var.application}-${each.key}-*"]
  }

  statement {
    sid       = "Dashboard"
    actions   = ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"]
    resources = ["arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.application}-${each.key}"]
  }

  statement {
    sid = "Topic"
    actions = [
      "sns:CreateTopic", "sns:DeleteTopic", "sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource",
      "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe", "sns:UntagResource",
    ]
    resources = ["${local.arn.sns}:${var.application}-${each.key}-*"]
  }

  statement {
    sid = "Database"
    actions = [
      "rds:AddTagsToResource", "rds:CreateDBInstance", "rds:CreateDBParameterGroup", "rds:CreateDBSnapshot", "rds:CreateDBSubnetGroup", "rds:DeleteDBInstance",
      "rds:DeleteDBParameterGroup", "rds:DeleteDBSubnetGroup", "rds:ModifyDBInstance", "rds:ModifyDBParameterGroup",
      "rds:ModifyDBSubnetGroup", "rds:RemoveTagsFromResource",
    ]
    resources = [
      "${local.arn.rds}:db:${var.application}-${each.key}",
      "${local.arn.rds}:pg:${var.application}-${each.key}-*",
      "${local.arn.rds}:snapshot:${var.application}-${each.key}-*",
      "${local.arn.rds}:subgrp:${var.application}-${each.key}",
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
    resources = ["arn:${local.partition}:s3:::${var.application}-${each.key}-logs-*"]
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
    actions   = ["acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate"]
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
    { for environment, document in data.aws_iam_policy_document.deploy_service : "${environment}-service" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_data : "${environment}-data" => document.json },
    { for environment, document in data.aws_iam_policy_document.deploy_certificate : "${environment}-certificate" => document.json },
  )
}

resource "aws_iam_policy" "deploy" {
  for_each = local.deploy_policies
  name     = "${var.application}-${each.key}"
  policy   = each.value
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = local.deploy_policies
  role       = aws_iam_role.deploy[split("-", each.key)[0]].name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}
