# The contract with the action, and the module in a root that is not the bundled one. No credentials, no network.

provider "aws" {
  region                      = "eu-north-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = { Application = "shop", Environment = "dev" }
  }
}

override_data {
  target = module.service.data.aws_instances.green
  values = { ids = [] }
}

override_data {
  target = module.service.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.service.data.aws_availability_zones.available
  values = { names = ["eu-north-1a", "eu-north-1b", "eu-north-1c"] }
}

override_data {
  target = module.service.data.aws_ssm_parameter.ami
  values = { value = "ami-0123456789abcdef0" }
}

override_resource {
  target          = module.service.aws_lb.main
  override_during = plan
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/shop-dev/0123456789abcdef"
    arn_suffix = "app/shop-dev/0123456789abcdef"
    dns_name   = "shop-1.eu-north-1.elb.amazonaws.com"
  }
}

variables {
  application = "shop"
  environment = "dev"
  region      = "eu-north-1"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "keeps_the_contract" {
  command = plan

  assert {
    condition     = output.autoscaling_group_name == "shop-dev" && output.repository_url == "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop" && output.url == "http://shop-1.eu-north-1.elb.amazonaws.com"
    error_message = "The action finds the group, the image and the address."
  }

  assert {
    condition     = length(output.alarm_names) == 3
    error_message = "Alarms guard a rollout."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.orders.statement : statement.actions] == [toset(["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"])]
    error_message = "The application may use the queue, and not change it."
  }
}
