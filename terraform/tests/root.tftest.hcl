# The root around the service: what is given reaches the module, and what the module gives comes out. What the service is
# made of is tested in modules/service/tests. No credentials, no network.

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
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "the_service_by_default" {
  command = plan

  assert {
    condition     = output.autoscaling_group_name == "shop-dev" && output.url == "http://shop-1.eu-north-1.elb.amazonaws.com" && length(output.alarm_names) == 3 && output.blue_green == null
    error_message = "What the module gives is what the root gives."
  }

  assert {
    condition     = output.platform == "linux/amd64" && output.database_endpoint == null && output.parameter_path == "/shop/dev"
    error_message = "What is left out has the module's defaults."
  }
}

run "what_an_environment_decides_reaches_the_service" {
  command = plan

  variables {
    network       = { nat = "none" }
    service       = { instance_type = "t4g.small", architecture = "arm64" }
    load_balancer = { https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
    settings      = { LOG_LEVEL = "debug" }
    secrets       = ["STRIPE_KEY"]
  }

  assert {
    condition     = output.platform == "linux/arm64" && startswith(output.url, "https://") && strcontains(output.warning, "public addresses")
    error_message = "An environment's objects go to the module as they are."
  }
}

run "blue_green_is_handed_through" {
  command = plan

  override_data {
    target = module.service.data.aws_autoscaling_groups.there
    values = { arns = [] }
  }

  variables {
    capacity = { min = 3 }
    rollout  = { strategy = "blue-green" }
  }

  assert {
    condition     = output.blue_green.groups[*].autoscaling_group_name == ["shop-dev", "shop-dev-green"] && output.blue_green.capacity == { min = 3, max = 6 }
    error_message = "The action finds both groups."
  }
}

run "a_database_has_what_its_environment_has_for_one" {
  command = plan

  variables {
    database          = { backup_days = null, multi_az = true }
    database_defaults = { backup_days = 30, multi_az = false, instance_class = "db.t4g.small" }
  }

  assert {
    condition     = local.database == { backup_days = 30, multi_az = true, instance_class = "db.t4g.small" }
    error_message = "What the run says counts, and what it leaves out, or has as null, is the environment's."
  }
}

run "a_database_is_an_object" {
  command = plan

  variables {
    database          = true
    database_defaults = []
  }

  expect_failures = [var.database, var.database_defaults]
}

run "null_is_the_default" {
  command = plan

  variables {
    network  = null
    service  = null
    settings = null
  }

  assert {
    condition     = output.platform == "linux/amd64"
    error_message = "null takes nothing away."
  }
}

run "tags_that_aws_refuses_are_refused" {
  command = plan

  variables {
    tags = { CostCenter = "R&D" }
  }

  expect_failures = [var.tags]
}

run "tags_of_its_own_are_refused" {
  command = plan

  variables {
    tags = { Environment = "production" }
  }

  expect_failures = [var.tags]
}
