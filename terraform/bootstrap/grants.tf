# What a deploy role may use that is not its environment's own: nothing that `grants` does not name.

locals {
  grants = { for environment, grant in var.grants : environment => grant if anytrue([for kind in values(grant) : length(kind) > 0]) }

  load_balancer_arn = { for environment in local.environments : environment => "${local.arn.elasticloadbalancing}:loadbalancer/app/${var.application}-${environment}/*" }
}

# What a key is used for: parameters through Parameter Store, a database through RDS, and nothing by hand.
locals {
  key_services = { for service in ["rds", "ssm"] : service => "${service}.${var.region}.${data.aws_partition.current.dns_suffix}" }
}

data "aws_iam_policy_document" "deploy_grants" {
  for_each = local.grants

  # Groups that instances get besides their own.
  dynamic "statement" {
    for_each = length(each.value.security_group_ids) == 0 ? [] : [each.value.security_group_ids]
    content {
      sid       = "FurtherSecurityGroups"
      actions   = ["ec2:RunInstances"]
      resources = [for id in statement.value : "${local.arn.ec2}:security-group/${id}"]
    }
  }

  # AWS asks about both: the web ACL, and the load balancer that gets it.
  dynamic "statement" {
    for_each = length(each.value.web_acl_arns) == 0 ? [] : [each.value.web_acl_arns]
    content {
      sid       = "WebAcl"
      actions   = ["elasticloadbalancing:SetWebACL", "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACL", "wafv2:GetWebACLForResource"]
      resources = concat([local.load_balancer_arn[each.key]], tolist(statement.value))
    }
  }

  # A rule of a listener that others use as well: made with both tags, and only what has them is changed.
  dynamic "statement" {
    for_each = length(each.value.listener_arns) == 0 ? [] : [each.value.listener_arns]
    content {
      sid       = "MakeRule"
      actions   = ["elasticloadbalancing:CreateRule"]
      resources = concat(tolist(statement.value), [for arn in statement.value : "${replace(arn, ":listener/", ":listener-rule/")}/*"])

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

  # Tags only to what is being made: with them on a neighbour's rule, that could be changed.
  dynamic "statement" {
    for_each = length(each.value.listener_arns) == 0 ? [] : [each.value.listener_arns]
    content {
      sid       = "TagRule"
      actions   = ["elasticloadbalancing:AddTags"]
      resources = [for arn in statement.value : "${replace(arn, ":listener/", ":listener-rule/")}/*"]

      condition {
        test     = "StringEquals"
        variable = "elasticloadbalancing:CreateAction"
        values   = ["CreateRule"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.listener_arns) == 0 ? [] : [each.value.listener_arns]
    content {
      sid = "ChangeRule"
      actions = [
        "elasticloadbalancing:AddTags", "elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetRulePriorities",
      ]
      resources = [for arn in statement.value : "${replace(arn, ":listener/", ":listener-rule/")}/*"]

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

  dynamic "statement" {
    for_each = length(each.value.kms_key_arns) == 0 ? [] : [each.value.kms_key_arns]
    content {
      sid       = "DescribeKey"
      actions   = ["kms:DescribeKey"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(each.value.kms_key_arns) == 0 ? [] : [each.value.kms_key_arns]
    content {
      sid       = "EncryptByServices"
      actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = values(local.key_services)
      }
    }
  }

  # RDS goes on using the key when the deployment is over.
  dynamic "statement" {
    for_each = length(each.value.kms_key_arns) == 0 ? [] : [each.value.kms_key_arns]
    content {
      sid       = "LendKeyToDatabase"
      actions   = ["kms:CreateGrant"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.key_services.rds]
      }

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.kms_key_arns) == 0 ? [] : [each.value.kms_key_arns]
    content {
      sid     = "KeyOfLogs"
      actions = ["logs:AssociateKmsKey", "logs:DisassociateKmsKey"]
      resources = [
        "${local.arn.logs}:log-group:/${var.application}/${each.key}/*",
        "${local.arn.logs}:log-group:/aws/rds/instance/${var.application}-${each.key}/*",
      ]
    }
  }
}
