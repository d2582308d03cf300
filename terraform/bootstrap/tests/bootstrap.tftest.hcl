# The registry alone, and with roles for GitHub. No credentials, no network.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/shop" }
  }

  mock_resource "aws_ecr_repository" {
    defaults = { arn = "arn:aws:ecr:eu-north-1:123456789012:repository/shop" }
  }
}

variables {
  application = "shop"
}

run "registry_alone" {
  assert {
    condition     = aws_ecr_repository.main.name == "shop" && one(aws_ecr_repository.main.image_scanning_configuration).scan_on_push
    error_message = "The repository scans what is pushed."
  }

  assert {
    condition     = alltrue([for rule in jsondecode(aws_ecr_lifecycle_policy.main.policy).rules : rule.selection.tagStatus == "untagged"])
    error_message = "No rule may expire an image that has a tag: it may be running."
  }

  assert {
    condition     = length(aws_iam_role.deploy) == 0 && length(aws_iam_openid_connect_provider.github) == 0 && length(output.permissions_boundary_arns) == 0
    error_message = "No roles unless a GitHub repository is named."
  }
}

run "one_role_an_environment" {
  variables {
    github = { repository = "example-org/shop" }
  }

  assert {
    condition     = toset(keys(output.deploy_role_arns)) == toset(["dev", "staging", "prod"]) && length(aws_iam_role_policy_attachment.deploy) == 12
    error_message = "Three roles with four policies each."
  }

  assert {
    condition = alltrue([for environment, document in data.aws_iam_policy_document.trust : anytrue([
      for condition in document.statement[0].condition : endswith(condition.variable, ":sub") && condition.test == "StringEquals" && condition.values == tolist(["repo:example-org/shop:environment:${environment}"])
    ])])
    error_message = "A role trusts jobs of this repository in its own GitHub environment, and no others."
  }

  assert {
    condition = alltrue([for document in values(data.aws_iam_policy_document.deploy_service) : alltrue([
      for statement in document.statement : !contains(statement.actions, "iam:CreateRole") || anytrue([for condition in statement.condition : condition.variable == "iam:PermissionsBoundary"])
    ])])
    error_message = "A deploy role makes no role without the boundary."
  }

  assert {
    condition = length(output.permissions_boundary_arns) == 3 && alltrue([for environment, document in data.aws_iam_policy_document.instance_boundary : alltrue([
      for statement in document.statement : statement.resources == toset(["*"]) || alltrue([for resource in statement.resources : startswith(resource, "arn:aws:ecr:") || strcontains(resource, environment)])
    ])])
    error_message = "What instances of one environment may ever do ends at that environment."
  }

  assert {
    condition = alltrue([for environment, document in data.aws_iam_policy_document.deploy_network : alltrue([
      for statement in document.statement : contains(["RulesOfSecurityGroups", "LaunchFromTemplate"], statement.sid) || anytrue([
        for condition in statement.condition : contains(["aws:RequestTag/Environment", "aws:ResourceTag/Environment"], condition.variable) && condition.values == tolist([environment])
      ])
    ])])
    error_message = "What exists is changed, and what is new is made, with the tags of the environment alone."
  }

  assert {
    condition = alltrue([for statement in flatten([
      for documents in [data.aws_iam_policy_document.deploy_release, data.aws_iam_policy_document.deploy_network, data.aws_iam_policy_document.deploy_service, data.aws_iam_policy_document.deploy_data] : [for document in values(documents) : document.statement]
    ]) : alltrue([for action in statement.actions : action != "*" && !endswith(action, ":*")])])
    error_message = "Every action is named."
  }
}

run "a_repository_that_github_names_by_ids" {
  variables {
    github = { repository = "example-org/shop", owner_id = "9919", repository_id = "1296269" }
  }

  assert {
    condition = alltrue([for environment, document in data.aws_iam_policy_document.trust : anytrue([
      for condition in document.statement[0].condition : endswith(condition.variable, ":sub") && condition.test == "StringEquals" && toset(condition.values) == toset([
        "repo:example-org/shop:environment:${environment}",
        "repo:example-org@9919/shop@1296269:environment:${environment}",
      ])
    ])])
    error_message = "A role trusts the repository under both names that GitHub may give it, and under no other."
  }
}

run "half_a_name_by_ids_is_refused" {
  command = plan

  variables {
    application = "internal"
    github      = { repository = "example-org/shop", repository_id = "1296269" }
  }

  expect_failures = [var.application, var.github]
}

run "a_zone_lets_one_environment_have_its_certificate" {
  variables {
    github = { repository = "example-org/shop", zones = { prod = "Z0123" } }
  }

  assert {
    condition     = toset(keys(data.aws_iam_policy_document.deploy_certificate)) == toset(["prod"]) && length(aws_iam_role_policy_attachment.deploy) == 13
    error_message = "Only the environment whose zone is named writes to Route 53 and asks for certificates."
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.deploy_certificate["prod"].statement : statement.resources == toset(["arn:aws:route53:::hostedzone/Z0123"]) if anytrue([for action in statement.actions : startswith(action, "route53:")])])
    error_message = "Records are written in that zone and in no other."
  }
}

run "an_existing_network_is_one_environments_own" {
  variables {
    github = { repository = "example-org/shop", networks = { prod = "vpc-0123456789abcdef0" } }
  }

  assert {
    condition = alltrue([for environment, document in data.aws_iam_policy_document.deploy_network :
      length([for statement in document.statement : statement if strcontains(jsonencode(statement), "vpc/vpc-0123456789abcdef0")]) == (environment == "prod" ? 1 : 0)
    ])
    error_message = "Security groups are made in the network that is named, by its environment alone."
  }
}

run "a_plan_role_reads_for_pull_requests" {
  variables {
    github = { repository = "example-org/shop", plan_environments = ["prod"], plan_branches = ["main"] }
  }

  assert {
    condition     = keys(output.plan_role_arns) == ["prod"] && length(aws_iam_role_policy_attachment.plan) == 1
    error_message = "A plan role only where it is asked for."
  }

  assert {
    condition = anytrue([
      for condition in data.aws_iam_policy_document.plan_trust["prod"].statement[0].condition : condition.values == tolist(["repo:example-org/shop:pull_request", "repo:example-org/shop:ref:refs/heads/main"])
    ])
    error_message = "It trusts pull requests of this repository and the branches that are named."
  }
}

run "refused_plan" {
  command = plan

  variables {
    github = { repository = "example-org/shop", environments = ["dev"], plan_environments = ["prod"], plan_branches = ["*"] }
  }

  expect_failures = [var.github]
}

run "another_account_pulls" {
  variables {
    github             = { repository = "example-org/shop", environments = ["prod"] }
    pull_accounts      = ["210987654321"]
    image_repositories = ["111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/shop"]
  }

  assert {
    condition     = length(aws_ecr_repository_policy.pull) == 1 && one(data.aws_iam_policy_document.pull[0].statement[0].condition).values == tolist(["arn:aws:iam::210987654321:role/shop-*"])
    error_message = "Roles of this application in the account that is named, and no others, may pull."
  }

  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.instance_boundary["prod"].statement : contains(statement.resources, "arn:aws:ecr:eu-west-1:111111111111:repository/team/shop")
    ])
    error_message = "Instances may pull from the repository that is named."
  }
}

run "refused_promotion" {
  command = plan

  variables {
    pull_accounts      = ["staging"]
    image_repositories = ["nginx"]
  }

  expect_failures = [var.pull_accounts, var.image_repositories]
}

run "a_second_region_has_names_of_its_own" {
  variables {
    github      = { repository = "example-org/shop", environments = ["prod"], plan_environments = ["prod"] }
    region      = "eu-west-1"
    name_suffix = "-euw1"
  }

  assert {
    condition = alltrue([for name in concat(
      values(aws_iam_role.deploy)[*].name, values(aws_iam_role.plan)[*].name, values(aws_iam_policy.deploy)[*].name,
      values(aws_iam_policy.plan)[*].name, values(aws_iam_policy.instance)[*].name,
    ) : endswith(name, "-euw1")])
    error_message = "Every name that the account has only once ends with it."
  }

  assert {
    condition     = output.name_suffix == "-euw1" && local.instance_role["prod"] == "arn:aws:iam::123456789012:role/shop-prod-instance-euw1"
    error_message = "The environments' roles end with it as well."
  }
}

run "a_role_of_another_region_is_found_first" {
  command = plan

  variables {
    github = { repository = "example-org/shop", environments = ["prod"] }
    region = "eu-west-1"
  }

  override_data {
    target = data.aws_iam_roles.existing
    values = { names = ["shop-prod-deploy"] }
  }

  override_data {
    target = data.aws_iam_role.existing
    values = { tags = { Region = "eu-north-1" } }
  }

  expect_failures = [data.aws_iam_role.existing]
}

run "a_role_of_an_earlier_version_is_its_own" {
  command = plan

  variables {
    github = { repository = "example-org/shop", environments = ["prod"] }
  }

  override_data {
    target = data.aws_iam_roles.existing
    values = { names = ["shop-prod-deploy"] }
  }

  override_data {
    target = data.aws_iam_role.existing
    values = { tags = {} }
  }

  assert {
    condition     = aws_iam_role.deploy["prod"].tags.Region == "eu-north-1"
    error_message = "It gets the tag that tells the next region of it."
  }
}

run "refused_suffix" {
  command = plan

  variables {
    name_suffix = "euw1"
  }

  expect_failures = [var.name_suffix]
}

run "refused_network" {
  command = plan

  variables {
    github = { repository = "example-org/shop", networks = { prod = "main" } }
  }

  expect_failures = [var.github]
}

run "an_existing_oidc_provider_is_used" {
  variables {
    github = { repository = "example-org/shop", environments = ["prod"], create_oidc_provider = false }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && length(aws_iam_role.deploy) == 1
    error_message = "The account's provider is used and not made again."
  }
}

run "refused" {
  command = plan

  variables {
    application         = "Shop"
    region              = "Stockholm"
    untagged_image_days = 0
    github              = { repository = "shop" }
  }

  expect_failures = [var.application, var.region, var.untagged_image_days, var.github]
}

run "refused_china" {
  command = plan

  variables {
    region = "cn-north-1"
  }

  expect_failures = [var.region]
}

run "refused_zone_of_no_environment" {
  command = plan

  variables {
    github = { repository = "example-org/shop", environments = ["prod"], zones = { dev = "Z0123" } }
  }

  expect_failures = [var.github]
}

run "environments_of_any_name" {
  variables {
    github = { repository = "example-org/shop", environments = ["qa", "production"] }
  }

  assert {
    condition     = aws_iam_role.deploy["production"].name == "shop-production-deploy" && length(aws_iam_role_policy_attachment.deploy) == 8
    error_message = "An environment has its role, whatever its name."
  }
}

run "refused_environment" {
  command = plan

  variables {
    github = { repository = "example-org/shop", environments = ["pre-live"] }
  }

  expect_failures = [var.github]
}

run "refused_environment_of_the_bootstrap_itself" {
  command = plan

  variables {
    github = { repository = "example-org/shop", environments = ["dev", "bootstrap"] }
  }

  expect_failures = [var.github]
}

run "refused_grants" {
  command = plan

  variables {
    github = { repository = "example-org/shop", environments = ["prod"] }
    grants = { dev = {}, prod = { security_group_ids = ["*"] } }
  }

  expect_failures = [var.grants]
}

run "no_grants_by_default" {
  variables {
    github = { repository = "example-org/shop", environments = ["prod"] }
    grants = { prod = {} }
  }

  assert {
    condition     = length(data.aws_iam_policy_document.deploy_grants) == 0 && length([for key in keys(aws_iam_role_policy_attachment.deploy) : key if endswith(key, "-grants")]) == 0
    error_message = "A deploy role gets nothing of others unless it is named."
  }
}

run "grants" {
  variables {
    github = { repository = "example-org/shop" }
    grants = { prod = {
      kms_key_arns       = ["arn:aws:kms:eu-north-1:123456789012:key/1"]
      listener_arns      = ["arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/1"]
      security_group_ids = ["sg-0a"]
      web_acl_arns       = ["arn:aws:wafv2:eu-north-1:123456789012:regional/webacl/shop/1"]
    } }
  }

  assert {
    condition     = keys(data.aws_iam_policy_document.deploy_grants) == ["prod"] && [for key in keys(aws_iam_role_policy_attachment.deploy) : key if endswith(key, "-grants")] == ["prod-grants"]
    error_message = "Only the environment that is named gets a grant."
  }

  assert {
    condition = anytrue([for statement in data.aws_iam_policy_document.deploy_grants["prod"].statement : statement.sid == "WebAcl" && statement.resources == toset([
      "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/shop-prod/*", "arn:aws:wafv2:eu-north-1:123456789012:regional/webacl/shop/1"
    ])])
    error_message = "The web ACL that is named may stand before the environment's own load balancer."
  }

  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.deploy_grants["prod"].statement : statement.sid == "FurtherSecurityGroups" && statement.resources == toset(["arn:aws:ec2:eu-north-1:123456789012:security-group/sg-0a"])])
    error_message = "Instances may get the group that is named."
  }

  assert {
    condition = alltrue([for statement in data.aws_iam_policy_document.deploy_grants["prod"].statement :
      statement.actions == toset(["kms:DescribeKey"]) || anytrue([for condition in statement.condition : condition.variable == "kms:ViaService"]) if anytrue([for action in statement.actions : startswith(action, "kms:")])
    ])
    error_message = "A key is used through RDS and Parameter Store alone."
  }

  assert {
    condition     = { for environment, document in data.aws_iam_policy_document.instance_boundary : environment => anytrue([for statement in document.statement : contains(statement.actions, "kms:Decrypt")]) } == { dev = false, staging = false, prod = true }
    error_message = "Instances of that environment may decrypt its parameters, and others may not."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.deploy_grants["prod"].statement : statement.sid => join("; ", sort([for condition in statement.condition : "${condition.test} ${condition.variable} ${join(",", condition.values)}"])) if endswith(statement.sid, "Rule") } == {
      MakeRule   = "StringEquals aws:RequestTag/Application shop; StringEquals aws:RequestTag/Environment prod"
      TagRule    = "StringEquals elasticloadbalancing:CreateAction CreateRule"
      ChangeRule = "StringEquals aws:ResourceTag/Application shop; StringEquals aws:ResourceTag/Environment prod"
    }
    error_message = "Of a shared listener only the environment's own rules are changed, and no other becomes one."
  }
}

run "a_plan_looks_at_the_web_acl_that_is_granted" {
  variables {
    github = { repository = "example-org/shop", plan_environments = ["dev", "prod"] }
    grants = { prod = { web_acl_arns = ["arn:aws:wafv2:eu-north-1:123456789012:regional/webacl/shop/1"] } }
  }

  assert {
    condition     = { for environment, document in data.aws_iam_policy_document.plan : environment => join(" ", flatten([for statement in document.statement : sort(statement.actions) if statement.sid == "WebAcl"])) } == { dev = "", prod = "wafv2:GetWebACL wafv2:GetWebACLForResource" }
    error_message = "Who only looks reads what stands before the load balancer, and changes nothing of it."
  }
}
