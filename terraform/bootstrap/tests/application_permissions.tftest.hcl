# What applications may do on AWS. Documents are put together by the real provider; no credentials, no network.

provider "aws" {
  region                      = "eu-north-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_iam_roles.existing
  values = { names = [] }
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_iam_policy.application["prod arn:aws:iam::123456789012:policy/orders"]
  values = { policy = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"One\",\"Effect\":\"Allow\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:eu-north-1:123456789012:orders\"}}" }
}

# Not known before the apply, and these tests only plan.
override_resource {
  target          = aws_iam_policy.instance
  override_during = plan
  values          = { arn = "arn:aws:iam::123456789012:policy/shop-instance-boundary" }
}

override_resource {
  target          = aws_ecr_repository.main
  override_during = plan
  values          = { arn = "arn:aws:ecr:eu-north-1:123456789012:repository/shop" }
}

variables {
  application = "shop"
  github      = { repository = "example-org/shop", environments = ["dev", "prod"] }
}

run "an_environment_gets_what_is_named_for_it" {
  command = plan

  variables {
    application_permissions = { prod = {
      policies    = ["{\"Statement\":[{\"Sid\":\"One\",\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::shop-prod-uploads/*\"}]}"]
      policy_arns = ["arn:aws:iam::123456789012:policy/orders"]
    } }
  }

  assert {
    condition = [for document in data.aws_iam_policy_document.instance_boundary["prod"].source_policy_documents : jsondecode(document).Statement[0]] == [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::shop-prod-uploads/*" },
      { Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:eu-north-1:123456789012:orders" },
    ]
    error_message = "The boundary lets through what the documents and the managed policies allow, whatever their statements are called."
  }

  assert {
    condition     = try(length(data.aws_iam_policy_document.instance_boundary["dev"].source_policy_documents), 0) == 0 && keys(data.aws_iam_policy_document.deploy_application) == ["prod"]
    error_message = "Another environment gets nothing of it."
  }

  assert {
    condition = alltrue([for statement in data.aws_iam_policy_document.deploy_application["prod"].statement :
      statement.resources == toset(["arn:aws:iam::123456789012:role/shop-prod-instance"]) && anytrue([for condition in statement.condition : condition.variable == "iam:PolicyARN" && condition.values == tolist(["arn:aws:iam::123456789012:policy/orders"])]) && anytrue([for condition in statement.condition : condition.variable == "iam:PermissionsBoundary"])
    ])
    error_message = "The deploy role attaches that policy to the instance role with its boundary, and no other."
  }
}

run "nothing_by_default" {
  command = plan

  assert {
    condition     = length(data.aws_iam_policy_document.deploy_application) == 0 && length([for key in keys(aws_iam_role_policy_attachment.deploy) : key if endswith(key, "-application")]) == 0 && try(length(data.aws_iam_policy_document.instance_boundary["prod"].source_policy_documents), 0) == 0
    error_message = "No application may do anything on AWS unless it is named."
  }
}

run "refused_everything" {
  command = plan
  variables {
    application_permissions = { prod = { policies = ["{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"] } }
  }
  expect_failures = [var.application_permissions]
}

run "refused_iam" {
  command = plan
  variables {
    application_permissions = { prod = { policies = ["{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"IAM:PassRole\"],\"Resource\":\"*\"}]}"] } }
  }
  expect_failures = [var.application_permissions]
}

run "refused_what_is_not_named" {
  command = plan
  variables {
    application_permissions = { prod = { policies = ["{\"Statement\":[{\"Effect\":\"Allow\",\"NotAction\":\"s3:GetObject\",\"Resource\":\"*\"}]}"] } }
  }
  expect_failures = [var.application_permissions]
}

run "refused_environment_and_arn" {
  command = plan
  variables {
    application_permissions = { staging = { policy_arns = ["orders"] } }
  }
  expect_failures = [var.application_permissions]
}

run "refused_too_long" {
  command = plan
  variables {
    application_permissions = { prod = { policies = [jsonencode({ Statement = [for number in range(40) : { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::shop-prod-uploads-${number}-of-a-long-name/*" }] })] } }
  }
  expect_failures = [aws_iam_policy.instance]
}
