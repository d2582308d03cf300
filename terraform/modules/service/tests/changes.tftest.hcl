# What changing an environment that lives does to it, and names at their longest. No credentials, no network.

provider "aws" {
  region                      = "ap-southeast-2"
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
  values = { names = ["ap-southeast-2a", "ap-southeast-2b", "ap-southeast-2c"] }
}

override_data {
  target = data.aws_ssm_parameter.ami
  values = { value = "ami-0123456789abcdef0" }
}

variables {
  application = "twenty-letters-long1"
  environment = "staging"
  region      = "ap-southeast-2"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "another_container_port_is_only_a_template_version" {
  command = plan

  variables {
    service = { container_port = 8000 }
  }

  assert {
    condition     = aws_lb_target_group.service["blue"].port == 80 && aws_vpc_security_group_ingress_rule.service_from_load_balancer.from_port == 80 && aws_vpc_security_group_egress_rule.load_balancer_to_service[0].to_port == 80
    error_message = "What the load balancer speaks to must not move with the container: a target group with another port is another target group."
  }

  assert {
    condition     = strcontains(local.user_data, "readonly port=8000 instance_port=80")
    error_message = "The user data joins the instance's port to the container's."
  }
}

run "a_major_version_takes_its_minor_upgrades" {
  command = plan

  variables {
    database = { engine_version = "17" }
  }

  assert {
    condition     = aws_db_instance.main[0].auto_minor_version_upgrade && !aws_db_instance.main[0].allow_major_version_upgrade
    error_message = "A major version alone follows AWS's minor ones, and becomes no other by itself."
  }
}

run "a_minor_version_stays" {
  command = plan

  variables {
    database = { engine_version = "17.6", apply_immediately = false }
  }

  assert {
    condition     = !aws_db_instance.main[0].auto_minor_version_upgrade
    error_message = "AWS must not upgrade a version that the configuration names to the minor: the next plan would downgrade it."
  }

  assert {
    condition     = !aws_db_instance.main[0].apply_immediately
    error_message = "Changes that interrupt service can be kept for the maintenance window."
  }
}

run "names_at_their_longest_fit" {
  command = plan

  variables {
    load_balancer = { access_log_days = 7 }
    observability = { notification_email = "team@example.com" }
  }

  assert {
    condition     = length(aws_s3_bucket.access_logs[0].bucket) <= 63 && length(aws_lb.main[0].name) <= 32 && length(aws_lb_target_group.service["blue"].name) <= 32 && length(aws_iam_role.instance.name) <= 64
    error_message = "S3 takes 63 characters, load balancers and target groups 32, roles 64."
  }

  assert {
    condition     = aws_sns_topic.alarms[0].kms_master_key_id == null
    error_message = "CloudWatch may not use the AWS-managed key of SNS: its alarms would reach nobody."
  }
}
