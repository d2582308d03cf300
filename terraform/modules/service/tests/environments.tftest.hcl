# What production promises. What it refuses is in validation.tftest.hcl.

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
  environment = "prod"
  region      = "eu-north-1"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "prod" {
  command = plan
  variables {
    load_balancer = { deletion_protection = true, https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
    database      = { multi_az = true, deletion_protection = true }
  }

  assert {
    condition     = aws_lb.main[0].enable_deletion_protection && aws_db_instance.main[0].deletion_protection && aws_db_instance.main[0].multi_az && !aws_db_instance.main[0].skip_final_snapshot && !aws_db_instance.main[0].delete_automated_backups
    error_message = "Nothing of prod is deleted by accident."
  }

  assert {
    condition = alltrue([for name in [
      aws_lb.main[0].name, aws_autoscaling_group.service["blue"].name, aws_launch_template.service.name, aws_iam_role.instance.name
    ] : startswith(name, "shop-prod")]) && aws_cloudwatch_log_group.service.name == "/shop/prod/service"
    error_message = "Every name carries the environment, so that no two of them meet."
  }

  assert {
    condition     = aws_lb_listener.https[0].routing_http_response_strict_transport_security_header_value == "max-age=31536000" && aws_lb.main[0].drop_invalid_header_fields
    error_message = "Browsers are told to stay with HTTPS, and odd headers go no further."
  }
}

run "staging_leaves_a_snapshot_of_its_database" {
  command = plan

  override_data {
    target = data.aws_default_tags.provider
    values = { tags = { Application = "shop", Environment = "staging" } }
  }

  variables {
    environment = "staging"
    database    = {}
  }

  assert {
    condition     = aws_db_instance.main[0].skip_final_snapshot == false
    error_message = "Nobody has to think of it: only dev's database goes without."
  }
}

run "a_provider_without_the_tags_of_this_environment_is_told" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [check.tags]
}
