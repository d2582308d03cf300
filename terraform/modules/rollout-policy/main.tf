# The least that a rollout, `rollback` and `status` need, for people whose own Terraform makes and grants all else.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  ec2       = "arn:${local.partition}:ec2:${var.region}:${local.account}"
  template  = "${local.ec2}:launch-template/${var.launch_template_id}"

  # The one that is rolled out, and with blue/green the other one.
  groups     = toset(concat([var.autoscaling_group_name], try(var.blue_green.groups[*].autoscaling_group_name, [])))
  group_arns = [for name in local.groups : "arn:${local.partition}:autoscaling:${var.region}:${local.account}:autoScalingGroup:*:autoScalingGroupName/${name}"]

  pull = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:GetLifecyclePolicy"]
  push = ["ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UpdateImageStorageClass", "ecr:UploadLayerPart"]
}

data "aws_iam_policy_document" "rollout" {
  #checkov:skip=CKV_AWS_356:lists, which AWS gives whole or not at all, and what a launch from this one template uses
  #checkov:skip=CKV_AWS_111:same

  statement {
    sid       = "Outputs"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${var.state_bucket}/${var.application}/${var.environment}/terraform.tfstate"]
  }

  # So that S3 says of a state that is not there that it is missing, and not that it is forbidden.
  statement {
    sid       = "StateBucket"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${var.state_bucket}"]
  }

  statement {
    sid = "Lists"
    actions = [
      "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeInstanceRefreshes", "autoscaling:DescribeLifecycleHooks",
      "autoscaling:DescribeScalingActivities", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"]
  }

  # Asked for by name, and granted for all of the account or not at all.
  statement {
    sid       = "Alarms"
    actions   = ["cloudwatch:DescribeAlarms"]
    resources = ["arn:${local.partition}:cloudwatch:${var.region}:${local.account}:alarm:*"]
  }

  statement {
    sid       = "Refresh"
    actions   = ["autoscaling:CancelInstanceRefresh", "autoscaling:RollbackInstanceRefresh", "autoscaling:StartInstanceRefresh"]
    resources = local.group_arns
  }

  dynamic "statement" {
    for_each = var.blue_green == null ? [] : [1]
    content {
      sid = "ListsOfBlueGreen"
      actions = [
        "autoscaling:DescribeScheduledActions", "cloudwatch:GetMetricData", "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules", "servicequotas:GetServiceQuota",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.pause && var.blue_green == null ? [1] : []
    content {
      sid       = "Metrics"
      actions   = ["cloudwatch:GetMetricData"]
      resources = ["*"]
    }
  }

  # Of a group that pauses, the version that it launches meanwhile.
  dynamic "statement" {
    for_each = var.pause || var.blue_green != null ? [1] : []
    content {
      sid       = "Sizes"
      actions   = ["autoscaling:UpdateAutoScalingGroup"]
      resources = local.group_arns
    }
  }

  # Which way a rollout goes, on the group that it fills.
  dynamic "statement" {
    for_each = var.blue_green == null ? [] : [1]
    content {
      sid       = "Mark"
      actions   = ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"]
      resources = local.group_arns

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "aws:TagKeys"
        values   = ["asg-deploy:rollout-to"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.blue_green[*]
    content {
      sid       = "Weights"
      actions   = ["elasticloadbalancing:ModifyRule"]
      resources = [statement.value.listener_rule_arn, statement.value.preview_rule_arn]
    }
  }

  # AWS asks whether whoever starts a refresh, or gives a group another version, may launch what the version says: with
  # this template. A launch may name it and still override what it says, as far as the role may pass a role to instances.
  statement {
    sid       = "Launch"
    actions   = ["ec2:RunInstances"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ec2:LaunchTemplate"
      values   = [local.template]
    }
  }

  statement {
    sid       = "LaunchWithTags"
    actions   = ["ec2:CreateTags"]
    resources = [for type in ["instance", "network-interface", "volume"] : "${local.ec2}:${type}/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances"]
    }
  }

  # Why an instance does not start is on its console. Auto Scaling gives every instance a tag with its group's name.
  statement {
    sid       = "Console"
    actions   = ["ec2:GetConsoleOutput"]
    resources = ["${local.ec2}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/aws:autoscaling:groupName"
      values   = local.groups
    }
  }

  dynamic "statement" {
    for_each = var.instance_role_arn == null ? [] : [var.instance_role_arn]
    content {
      sid       = "HandRoleToInstances"
      actions   = ["iam:PassRole"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["ec2.${data.aws_partition.current.dns_suffix}", "ec2.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.repository_arn == null ? [] : [var.repository_arn]
    content {
      sid       = "Image"
      actions   = concat(local.pull, var.push ? local.push : [])
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.repository_arn == null || !var.push ? [] : [1]
    content {
      sid       = "RegistryLogin"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }
}
