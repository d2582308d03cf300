# What applications may do on AWS beyond what every instance needs: the boundary of an environment lets it through, and its
# deploy role may give it to the instance role, and no more.

locals {
  # Managed policies by environment and ARN, read for what they allow.
  application_policy_arns = merge([for environment, given in var.application_permissions : {
    for arn in given.policy_arns : "${environment} ${arn}" => { environment = environment, arn = arn }
  }]...)

  # Documents without the names of their statements, which may occur twice when documents come together.
  application_statements = { for environment, given in var.application_permissions : environment => flatten([
    for document in concat(given.policies, [for key, one in local.application_policy_arns : data.aws_iam_policy.application[key].policy if one.environment == environment]) : [
      for statement in flatten([jsondecode(document).Statement]) : jsonencode({ for name, value in statement : name => value if name != "Sid" })
    ]
  ]) }
}

data "aws_iam_policy" "application" {
  for_each = local.application_policy_arns
  arn      = each.value.arn
}

data "aws_iam_policy_document" "deploy_application" {
  for_each = { for environment, given in var.application_permissions : environment => given.policy_arns if length(given.policy_arns) > 0 }

  statement {
    sid       = "AttachPoliciesOfTheApplication"
    actions   = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    resources = [local.instance_role[each.key]]

    condition {
      test     = "ArnEquals"
      variable = "iam:PolicyARN"
      values   = each.value
    }

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.instance[each.key].arn]
    }
  }
}
