# Deploying from GitHub without stored keys: one role per environment, which only jobs of this repository that run in
# that GitHub environment may take. Nothing here exists unless `github` is given.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  github       = var.github == null ? [] : [var.github]
  environments = toset(var.github == null ? [] : var.github.environments)

  account      = data.aws_caller_identity.current.account_id
  partition    = data.aws_partition.current.partition
  issuer       = "token.actions.githubusercontent.com"
  audience     = "sts.amazonaws.com" # also in aws-us-gov
  provider_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}"
  state_bucket = var.github == null ? "" : coalesce(var.github.state_bucket, "asg-deploy-${local.account}-${var.region}")
  lock_table   = var.github == null ? "" : var.github.lock_table
  zones        = var.github == null ? {} : var.github.zones
  networks     = var.github == null ? {} : var.github.networks
  plans        = toset(var.github == null ? [] : var.github.plan_environments)

  # By name and not from the resources, so that a plan shows whole policies.
  repository_arn = "arn:${local.partition}:ecr:${var.region}:${local.account}:repository/${var.application}"
  other_repositories = [for uri in var.image_repositories : format(
    "arn:%s:ecr:%s:%s:repository/%s", local.partition, split(".", uri)[3], split(".", uri)[0], join("/", slice(split("/", uri), 1, length(split("/", uri)))),
  )]
  instance_boundary = { for environment in local.environments : environment => "arn:${local.partition}:iam::${local.account}:policy/${var.application}-${environment}-instance-boundary${var.name_suffix}" }

  # What GitHub calls the repository in a job's token: owner/name and, for those that are made, renamed or transferred since
  # 15 July 2026, owner@id/name@id. Which of the two is GitHub's choice, and may change with a renaming.
  repository_names = var.github == null ? [] : compact([
    var.github.repository,
    var.github.repository_id == null ? "" : format("%s@%s/%s@%s", split("/", var.github.repository)[0], var.github.owner_id, split("/", var.github.repository)[1], var.github.repository_id),
  ])

  # arn:<partition>:<service>:<region>:<account>: for the services of this region.
  arn = { for service in ["acm", "autoscaling", "cloudwatch", "dynamodb", "ec2", "elasticloadbalancing", "logs", "rds", "sns", "ssm"] : service => "arn:${local.partition}:${service}:${var.region}:${local.account}" }
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = length(local.github) > 0 && try(var.github.create_oidc_provider, false) ? 1 : 0
  url            = "https://${local.issuer}"
  client_id_list = [local.audience]
}

# Roles and policies have one name for all regions. A bootstrap of another region that made them already is found before
# anything is made; those of an earlier version have no such tag.
data "aws_iam_roles" "existing" {
  count      = length(local.github)
  name_regex = "^${var.application}-(${join("|", local.environments)})-deploy${var.name_suffix}$"
}

data "aws_iam_role" "existing" {
  for_each = toset(flatten(data.aws_iam_roles.existing[*].names))
  name     = each.key

  lifecycle {
    postcondition {
      condition     = lookup(self.tags, "Region", var.region) == var.region
      error_message = "The role ${self.name} is that of ${var.application} in ${lookup(self.tags, "Region", "")}: roles have one name for all regions of an account. Give this region a name_suffix of its own, such as name_suffix = \"-euw1\"; nothing was made."
    }
  }
}

data "aws_iam_policy_document" "trust" {
  #checkov:skip=CKV_AWS_358:the subject is a repository and an environment, from variables that the checker can not read; a test asserts it
  for_each = local.environments

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

    # The environment and not the branch: its protection rules (reviewers, branches) then guard the role as well.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = [for name in local.repository_names : "repo:${name}:environment:${each.key}"]
    }
  }
}

resource "aws_iam_role" "deploy" {
  for_each             = local.environments
  name                 = "${local.name[each.key]}-deploy${var.name_suffix}"
  description          = "Deploys ${var.application} to ${each.key}, from GitHub Actions of ${var.github.repository}"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  tags                 = { Region = var.region } # see data.aws_iam_role.existing
  max_session_duration = 7200                    # what the action asks for: a slow apply outlasts the default hour

  depends_on = [aws_iam_openid_connect_provider.github]
}

# The most that a role made by a deploy role may ever do, whatever policy it is given: what an instance needs, for this
# application and environment. Without it, whoever may make a role and hand it to an instance may do everything; with one
# for all environments, dev's deploy role could let dev's instances read prod's passwords.
data "aws_iam_policy_document" "instance_boundary" {
  #checkov:skip=CKV_AWS_356:GetAuthorizationToken and the Session Manager channels know no resources
  #checkov:skip=CKV_AWS_111:same
  for_each = local.environments

  source_policy_documents = [for statement in lookup(local.application_statements, each.key, []) : "{\"Version\":\"2012-10-17\",\"Statement\":[${statement}]}"]

  statement {
    actions = [
      "ecr:GetAuthorizationToken",
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"]
  }

  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = concat([local.repository_arn], local.other_repositories)
  }

  statement {
    actions   = ["ssm:GetParametersByPath"]
    resources = ["${local.arn.ssm}:parameter/${var.application}/${each.key}/*", "${local.arn.ssm}:parameter/${var.application}/${each.key}"]
  }

  # Parameters that a key of the company encrypts.
  dynamic "statement" {
    for_each = length(try(var.grants[each.key].kms_key_arns, [])) == 0 ? [] : [var.grants[each.key].kms_key_arns]
    content {
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.key_services.ssm]
      }
    }
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.arn.logs}:log-group:/${var.application}/${each.key}/*"]
  }

  statement {
    actions   = ["autoscaling:SetInstanceHealth"]
    resources = [for name in local.groups[each.key] : "${local.arn.autoscaling}:autoScalingGroup:*:autoScalingGroupName/${name}"]
  }
}

resource "aws_iam_policy" "instance" {
  for_each    = local.environments
  name        = "${local.name[each.key]}-instance-boundary${var.name_suffix}"
  description = "The most that instances of ${var.application} in ${each.key} may do"
  policy      = data.aws_iam_policy_document.instance_boundary[each.key].json

  lifecycle {
    precondition {
      # A policy has 6144 characters, and what every instance needs takes less than 2500 of them.
      condition     = length(join(",", lookup(local.application_statements, each.key, []))) <= 3600
      error_message = "application_permissions: those of ${each.key} are longer than the 3600 characters that the boundary has room for; write wider patterns (s3:GetObject* on one prefix) instead of long lists."
    }
  }
}

# There was one boundary for all environments. IAM deletes none that a role still has: an administrator deletes
# <application>-instance-boundary once every environment was deployed with its own.
removed {
  from = aws_iam_policy.instance_boundary

  lifecycle {
    destroy = false
  }
}
