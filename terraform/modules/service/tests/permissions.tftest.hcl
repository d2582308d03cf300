# What an application may do on AWS. No credentials, no network.

provider "aws" {
  region                      = "eu-north-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = { Application = var.application, Environment = var.environment }
  }
}

override_data {
  target = data.aws_instances.green
  values = { ids = [] }
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_availability_zones.available
  values = { names = ["eu-north-1a", "eu-north-1b", "eu-north-1c"] }
}

override_data {
  target = data.aws_ssm_parameter.ami
  values = { value = "ami-0123456789abcdef0" }
}

variables {
  application = "shop"
  environment = "dev"
  region      = "eu-north-1"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "given_to_the_instance_role" {
  command = plan

  variables {
    service = { permissions = {
      policies    = { uploads = "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::shop-dev-uploads/*\"}]}" }
      policy_arns = { orders = "arn:aws:iam::123456789012:policy/shop-orders" }
    } }
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.application["uploads"].policy) == jsondecode(var.service.permissions.policies.uploads) && aws_iam_role_policy_attachment.application["orders"].policy_arn == "arn:aws:iam::123456789012:policy/shop-orders"
    error_message = "Documents become policies of the role, and ARNs are attached."
  }

  assert {
    condition     = one(aws_launch_template.service.metadata_options).http_put_response_hop_limit == 2
    error_message = "The container is one hop behind the instance, and gets its credentials."
  }
}

run "none_by_default" {
  command = plan

  assert {
    condition     = length(aws_iam_role_policy.application) + length(aws_iam_role_policy_attachment.application) == 0 && one(aws_launch_template.service.metadata_options).http_put_response_hop_limit == 1
    error_message = "Without permissions the container does not reach the instance's credentials."
  }
}

run "a_hop_limit_of_ones_own" {
  command = plan

  variables {
    service = { metadata_hop_limit = 1, permissions = { policies = { uploads = "{\"Statement\":[{}]}" } } }
  }

  assert {
    condition     = one(aws_launch_template.service.metadata_options).http_put_response_hop_limit == 1
    error_message = "What is given holds."
  }
}

run "refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { metadata_hop_limit = 3 }
  }

  expect_failures = [var.service]
}

run "refused_documents" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { permissions = { policies = { instance = "{\"Statement\":[{}]}" } } }
  }

  expect_failures = [var.service]
}

run "refused_what_is_no_document" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { permissions = { policies = { uploads = "s3:GetObject" } } }
  }

  expect_failures = [var.service]
}

run "refused_arn" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { permissions = { policy_arns = { orders = "shop-orders" } } }
  }

  expect_failures = [var.service]
}
