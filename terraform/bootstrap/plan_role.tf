# Who only looks: `command: plan` and `status`, for pull requests, which run whatever a branch says before anybody has
# read it. So this role reads, changes nothing, not even a lock, and reads no parameter of the service and no console.

data "aws_iam_policy_document" "plan_trust" {
  #checkov:skip=CKV_AWS_358:the subject is a repository, from variables that the checker can not read; a test asserts it
  for_each = local.plans

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = [local.audience]
    }

    # A pull request of a fork gets no token at all.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values = flatten([for name in local.repository_names : concat(
        ["repo:${name}:pull_request"],
        [for branch in var.github.plan_branches : "repo:${name}:ref:refs/heads/${branch}"],
      )])
    }
  }
}

resource "aws_iam_role" "plan" {
  for_each             = local.plans
  name                 = "${local.name[each.key]}-plan${var.name_suffix}"
  description          = "Plans ${var.application} in ${each.key} and changes nothing, for pull requests of ${var.github.repository}"
  assume_role_policy   = data.aws_iam_policy_document.plan_trust[each.key].json
  max_session_duration = 7200 # what the action asks for

  depends_on = [aws_iam_openid_connect_provider.github]
}

data "aws_iam_policy_document" "plan" {
  #checkov:skip=CKV_AWS_356:lists, which AWS gives whole or not at all
  for_each = local.plans

  # The state holds no secrets: passwords are written by write-only arguments.
  statement {
    sid     = "State"
    actions = ["s3:GetObject"]
    resources = [for folder in [each.key, "bootstrap"] :
      "arn:${local.partition}:s3:::${local.state_bucket}/${var.application}/${folder}/*"
    ]
  }

  statement {
    sid = "StateBucket"
    actions = [
      "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging",
      "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:ListBucket",
    ]
    resources = ["arn:${local.partition}:s3:::${local.state_bucket}"]
  }

  # The checksum of the state is in the table as well. No lock is taken.
  statement {
    sid       = "Checksum"
    actions   = ["dynamodb:GetItem"]
    resources = ["${local.arn.dynamodb}:table/${local.lock_table}"]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["${local.state_bucket}/${var.application}/${each.key}/*"]
    }
  }

  statement {
    sid       = "Table"
    actions   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"]
    resources = ["${local.arn.dynamodb}:table/${local.lock_table}"]
  }

  statement {
    sid       = "Image"
    actions   = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:GetLifecyclePolicy"]
    resources = concat([local.repository_arn], local.other_repositories)
  }

  statement {
    sid = "Lists"
    actions = [
      "autoscaling:Describe*", "cloudwatch:GetMetricData", "ec2:Describe*", "elasticloadbalancing:Describe*",
      "logs:DescribeLogGroups", "servicequotas:GetServiceQuota", "ssm:DescribeParameters",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "ListsOfTheAccount"
    actions   = ["cloudwatch:DescribeAlarms", "rds:DescribeDBInstances"]
    resources = ["${local.arn.cloudwatch}:alarm:*", "${local.arn.rds}:db:*"]
  }

  statement {
    sid       = "NewestImageOfTheSystem"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${local.partition}:ssm:${var.region}::parameter/aws/service/*"]
  }

  # What Terraform looks at when it compares the state with what is there.
  statement {
    sid = "Environment"
    actions = [
      "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource", "iam:GetInstanceProfile", "iam:GetRole", "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "logs:ListTagsForResource",
      "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:DescribeDBSubnetGroups", "rds:ListTagsForResource",
      "s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "sns:GetSubscriptionAttributes", "sns:GetTopicAttributes",
      "sns:ListTagsForResource", "ssm:ListTagsForResource",
    ]
    resources = [
      "${local.arn.cloudwatch}:alarm:${local.name[each.key]}-*",
      "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.name[each.key]}${var.name_suffix}",
      local.instance_role[each.key],
      "arn:${local.partition}:iam::${local.account}:instance-profile/${local.name[each.key]}-instance${var.name_suffix}",
      "${local.arn.logs}:log-group:/${var.application}/${each.key}/*",
      "${local.arn.logs}:log-group:/aws/rds/instance/${local.name[each.key]}/*",
      "${local.arn.rds}:db:${local.name[each.key]}",
      "${local.arn.rds}:pg:${local.name[each.key]}-postgres*",
      "${local.arn.rds}:subgrp:${local.name[each.key]}",
      "arn:${local.partition}:s3:::${local.name[each.key]}-logs-${local.account}-*",
      "${local.arn.sns}:${local.name[each.key]}-alarms",
      "${local.arn.ssm}:parameter/${var.application}/${each.key}/*",
    ]
  }

  # Of what grants name, a plan looks at the web ACL alone: listeners are among the lists, and parameters are not read.
  dynamic "statement" {
    for_each = length(try(var.grants[each.key].web_acl_arns, [])) == 0 ? [] : [var.grants[each.key].web_acl_arns]
    content {
      sid       = "WebAcl"
      actions   = ["wafv2:GetWebACL", "wafv2:GetWebACLForResource"]
      resources = concat([local.load_balancer_arn[each.key]], tolist(statement.value))
    }
  }

  # Of environments in github.zones: their certificate and their records.
  dynamic "statement" {
    for_each = contains(keys(local.zones), each.key) ? [local.zones[each.key]] : []
    content {
      sid       = "Zone"
      actions   = ["route53:GetHostedZone", "route53:ListResourceRecordSets"]
      resources = ["arn:${local.partition}:route53:::hostedzone/${statement.value}"]
    }
  }

  dynamic "statement" {
    for_each = contains(keys(local.zones), each.key) ? [local.zones[each.key]] : []
    content {
      sid       = "Certificate"
      actions   = ["acm:DescribeCertificate", "acm:ListTagsForCertificate"]
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
  }
}

resource "aws_iam_policy" "plan" {
  for_each = local.plans
  name     = "${local.name[each.key]}-plan${var.name_suffix}"
  policy   = data.aws_iam_policy_document.plan[each.key].json

  lifecycle {
    precondition {
      condition     = length(jsonencode(jsondecode(data.aws_iam_policy_document.plan[each.key].json))) <= 6144
      error_message = "The policy of the plan role of ${each.key} would be ${length(jsonencode(jsondecode(data.aws_iam_policy_document.plan[each.key].json)))} characters long, and IAM takes 6144: name less in grants and image_repositories."
    }
  }
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each   = local.plans
  role       = aws_iam_role.plan[each.key].name
  policy_arn = aws_iam_policy.plan[each.key].arn
}
