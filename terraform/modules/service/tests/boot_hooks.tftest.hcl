# Scripts of an environment's own around a boot. No credentials, no network.

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
  region      = "eu-north-1"
  environment = "dev"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "none_by_default" {
  command = plan

  assert {
    condition     = length(local.boot_hooks) == 0 && !strcontains(local.user_data, "hook")
    error_message = "Without hooks the boot is as it was."
  }
}

run "one_hook" {
  command = plan

  variables {
    service = { startup_timeout_seconds = 100, boot_hooks = { before = "\r\nsysctl -w vm.max_map_count=262144\r\necho \"$${HOME}\"\r\n", timeout_seconds = 60 } }
  }

  assert {
    condition     = strcontains(local.user_data, "<<'ASG_DEPLOY_HOOK'\nsysctl -w vm.max_map_count=262144\necho \"$${HOME}\"\nASG_DEPLOY_HOOK\nrun_hook before\n") && !strcontains(local.user_data, "\r") && !strcontains(local.user_data, "run_hook after")
    error_message = "A hook is in the user data as it was written, with the ends of lines that bash wants."
  }
}

run "a_hook_has_its_time_before_health_checks_count" {
  command = plan

  variables {
    service = { boot_hooks = { before = "true", after = "true", timeout_seconds = 200 } }
  }

  assert {
    condition     = aws_autoscaling_group.service["blue"].health_check_grace_period - var.service.startup_timeout_seconds >= 400
    error_message = "An instance whose hooks take their time is not given up meanwhile."
  }
}

run "hooks_that_just_fit" {
  command = plan

  variables {
    service = { boot_hooks = { before = "# ${format("%05800d", 0)}" } }
  }

  assert {
    condition     = local.user_data_bytes > 15000 && local.user_data_bytes <= 16384
    error_message = "What fits is taken."
  }
}

# Letters of three bytes each: EC2 counts bytes.
run "hooks_that_are_too_long_are_refused" {
  command = plan

  variables {
    service = { boot_hooks = { before = "# ${replace(format("%02500d", 0), "0", "€")}" } }
  }

  expect_failures = [aws_launch_template.service]
}
