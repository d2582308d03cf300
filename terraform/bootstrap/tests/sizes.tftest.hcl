# How long the policies become with the longest names and all options: the provider itself writes them. No credentials, no
# network.

provider "aws" {
  region                      = "ap-southeast-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_iam_roles.existing
  values = { names = [] }
}

run "policies_fit_into_what_iam_takes" {
  command = plan

  variables {
    application = "twenty-letters-long1"
    region      = "ap-southeast-2"
    name_suffix = "-0123456789"
    github = {
      repository        = "example-org/shop"
      environments      = ["production"]
      plan_environments = ["production"]
      zones             = { production = "Z0123456789ABCDEFGHIJ" }
      networks          = { production = "vpc-0123456789abcdef0" }
    }
    image_repositories = [for n in range(3) : "12345678901${n}.dkr.ecr.ap-southeast-2.amazonaws.com/team/twenty-letters-long1"]
    grants = { production = {
      kms_key_arns       = [for n in range(3) : "arn:aws:kms:ap-southeast-2:123456789012:key/00000000-0000-0000-0000-00000000000${n}"]
      listener_arns      = [for n in range(3) : "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:listener/app/a-load-balancer-of-the-company-1/0123456789abcdef/0123456789abcde${n}"]
      security_group_ids = [for n in range(4) : "sg-0123456789abcdef${n}"]
      web_acl_arns       = ["arn:aws:wafv2:ap-southeast-2:123456789012:regional/webacl/company/00000000-0000-0000-0000-000000000000"]
    } }
  }

  # IAM counts without white space.
  assert {
    condition     = toset([for key, policy in aws_iam_policy.deploy : key if length(jsonencode(jsondecode(policy.policy))) > 6144]) == toset([]) && length(aws_iam_policy.deploy) == 6
    error_message = "A managed policy has 6,144 characters: ${jsonencode({ for key, policy in aws_iam_policy.deploy : key => length(jsonencode(jsondecode(policy.policy))) })}"
  }

  assert {
    condition     = length(jsonencode(jsondecode(aws_iam_policy.plan["production"].policy))) <= 6144 && length(jsonencode(jsondecode(aws_iam_policy.instance["production"].policy))) <= 6144
    error_message = "A managed policy has 6,144 characters: ${length(jsonencode(jsondecode(aws_iam_policy.plan["production"].policy)))} for the plan role, ${length(jsonencode(jsondecode(aws_iam_policy.instance["production"].policy)))} for the boundary."
  }
}

run "refused_a_policy_that_iam_would_not_take" {
  command = plan

  variables {
    application = "shop"
    region      = "ap-southeast-2"
    github      = { repository = "example-org/shop", environments = ["prod"] }
    grants      = { prod = { listener_arns = [for n in range(20) : "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:listener/app/company/0123456789abcdef/0123456789abcd${n}"] } }
  }

  expect_failures = [aws_iam_policy.deploy["prod-grants"]]
}
