# What a deploy role may use that is not its environment's own: nothing that `grants` does not name.

locals {
  grants = { for environment, grant in var.grants : environment => grant if anytrue([for kind in values(grant) : length(kind) > 0]) }

  load_balancer_arn = { for environment in local.environments : environment => "${local.arn.elasticloadbalancing}:loadbalancer/app/${var.application}-${environment}/*" }
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
}
