# The service as it is by default, and each feature on and off. No credentials, no network: the real provider plans,
# and what it would ask AWS is answered here. (mock_provider can't stand for ephemeral resources.)

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

override_resource {
  target          = aws_lb.main
  override_during = plan
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/shop-dev/0123456789abcdef"
    arn_suffix = "app/shop-dev/0123456789abcdef"
    dns_name   = "shop-1.eu-north-1.elb.amazonaws.com"
  }
}

override_resource {
  target          = aws_launch_template.service
  override_during = plan
  values          = { id = "lt-0123456789abcdef0", latest_version = 1 }
}

variables {
  application = "shop"
  region      = "eu-north-1"
  environment = "dev"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "defaults" {
  command = plan

  assert {
    condition     = output.autoscaling_group_name == "shop-dev" && output.launch_template_version == 1
    error_message = "The contract names the group and a numeric version."
  }

  assert {
    condition     = output.repository_url == "123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop" && local.repository_name == "team/shop"
    error_message = "The repository is the image without its digest."
  }

  assert {
    condition     = length(output.alarm_names) == 3 && alltrue([for name in output.alarm_names : startswith(name, "shop-dev-")])
    error_message = "Three alarms guard a rollout."
  }

  assert {
    condition     = output.url == "http://shop-1.eu-north-1.elb.amazonaws.com" && strcontains(output.warning, "plain HTTP")
    error_message = "Without a certificate the service speaks HTTP and says so."
  }

  assert {
    condition     = aws_autoscaling_group.service["blue"].health_check_type == "ELB" && aws_autoscaling_group.service["blue"].wait_for_capacity_timeout == "0" && length(aws_autoscaling_group.service["blue"].instance_refresh) == 0
    error_message = "The rollout and not Terraform watches and moves the group."
  }

  assert {
    condition     = aws_autoscaling_group.service["blue"].default_instance_warmup == 120 && one(aws_autoscaling_group.service["blue"].instance_maintenance_policy).min_healthy_percentage == 100
    error_message = "Warmup and maintenance policy are always set."
  }

  assert {
    condition     = one(aws_lb_target_group.service["blue"].health_check).interval * one(aws_lb_target_group.service["blue"].health_check).unhealthy_threshold >= 60
    error_message = "A failover of the database, of a minute or so, must not condemn the fleet."
  }

  assert {
    condition     = aws_autoscaling_group.service["blue"].health_check_grace_period == var.service.startup_timeout_seconds + 180
    error_message = "Before the container's start come a boot, the installation of Docker and the pull."
  }

  assert {
    condition     = can(tonumber(one(aws_autoscaling_group.service["blue"].launch_template).version))
    error_message = "Rollback needs a numeric template version."
  }

  assert {
    condition     = one(aws_launch_template.service.metadata_options).http_tokens == "required" && one(aws_launch_template.service.metadata_options).http_put_response_hop_limit == 1
    error_message = "IMDSv2 only, out of reach of containers."
  }

  assert {
    condition     = tobool(one(one(aws_launch_template.service.block_device_mappings).ebs).encrypted)
    error_message = "The root volume is encrypted."
  }

  assert {
    condition     = length(aws_nat_gateway.main) == 1 && tobool(one(aws_launch_template.service.network_interfaces).associate_public_ip_address) == false
    error_message = "Instances are private, behind one NAT gateway."
  }

  assert {
    condition = alltrue([for rule in concat(
      values(aws_vpc_security_group_ingress_rule.http)[*], [aws_vpc_security_group_ingress_rule.service_from_load_balancer]
    ) : rule.from_port > 22 || rule.to_port < 22])
    error_message = "Port 22 is open nowhere."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.service_from_load_balancer.cidr_ipv4 == null
    error_message = "Instances take requests from the load balancer's group, not from addresses."
  }

  assert {
    condition     = length(aws_db_instance.main) == 0 && output.database_endpoint == null && length(aws_ssm_parameter.database_url) == 0
    error_message = "No database unless asked for."
  }

  assert {
    condition     = alltrue([for alarm in [aws_cloudwatch_metric_alarm.error_rate["blue"], aws_cloudwatch_metric_alarm.healthy_hosts, aws_cloudwatch_metric_alarm.latency["blue"]] : alarm.treat_missing_data == "notBreaching"])
    error_message = "An idle environment can still be deployed to."
  }
}

run "rotating_the_password_rolls_the_instances" {
  command = plan

  variables {
    database = { password_version = 2 }
  }

  assert {
    condition     = aws_db_instance.main[0].password_wo_version == 2 && aws_ssm_parameter.database_password[0].value_wo_version == 2 && aws_ssm_parameter.database_url[0].value_wo_version == 2
    error_message = "Database, password and URL change together."
  }

  assert {
    condition     = strcontains(local.user_data, "configuration_version='1.2'")
    error_message = "A new password makes a new template version."
  }

  assert {
    condition     = aws_db_instance.main[0].skip_final_snapshot
    error_message = "dev goes without a last snapshot."
  }
}

run "without_nat_instances_are_public" {
  command = plan

  variables {
    network = { nat = "none" }
  }

  assert {
    condition     = length(aws_nat_gateway.main) == 0 && tobool(one(aws_launch_template.service.network_interfaces).associate_public_ip_address) && strcontains(output.warning, "public addresses")
    error_message = "Without NAT and endpoints the instances get public addresses, and an output says so."
  }
}

run "endpoints_instead_of_nat" {
  command = plan

  variables {
    network = { nat = "none", interface_endpoints = true }
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 6 && tobool(one(aws_launch_template.service.network_interfaces).associate_public_ip_address) == false
    error_message = "With endpoints the instances stay private without NAT."
  }
}

run "another_environment_in_a_second_region" {
  command = plan

  variables {
    application   = "a-twenty-letter-name"
    environment   = "production"
    name_suffix   = "-euw1"
    observability = { dashboard = true }
  }

  override_data {
    target = data.aws_default_tags.provider
    values = { tags = { Application = "a-twenty-letter-name", Environment = "production" } }
  }

  assert {
    condition     = length(aws_lb_target_group.service["blue"].name) == 31 && aws_lb_target_group.service["blue"].name == "a-twenty-letter-name-production"
    error_message = "The longest names fit into the 32 characters of a target group."
  }

  assert {
    condition = alltrue([for name in [aws_iam_role.instance.name, aws_iam_instance_profile.instance.name, aws_cloudwatch_dashboard.main[0].dashboard_name] :
      endswith(name, "-euw1")
    ]) && aws_autoscaling_group.service["blue"].name == "a-twenty-letter-name-production"
    error_message = "Names that an account has only once end with the suffix, and no others."
  }
}

run "access_logs_whose_bucket_has_too_long_a_name_are_refused" {
  command = plan

  variables {
    application   = "a-twenty-letter-name"
    environment   = "production"
    region        = "ap-northeast-1"
    load_balancer = { access_log_days = 7 }
  }

  override_data {
    target = data.aws_default_tags.provider
    values = { tags = { Application = "a-twenty-letter-name", Environment = "production" } }
  }

  expect_failures = [aws_s3_bucket.access_logs]
}

run "an_image_beyond_the_endpoints_is_refused" {
  command = plan

  variables {
    network = { nat = "none", interface_endpoints = true }
    image   = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  expect_failures = [aws_launch_template.service]
}

# 123456789012.dkr-ecr.<region>.on.aws is the same registry, over IPv6 as well.
run "another_registry_is_known_by_each_of_its_names" {
  command = plan

  variables {
    image = "210987654321.dkr-ecr.us-east-1.on.aws/team/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  assert {
    condition     = local.repository_arn == "arn:aws:ecr:us-east-1:210987654321:repository/team/shop"
    error_message = "Instances may pull from the registry whose account and region its name says."
  }
}

run "more_zones_than_the_region_has_are_refused" {
  command = plan

  variables {
    network = { availability_zones = 4 }
  }

  expect_failures = [aws_vpc.main]
}

run "an_existing_network_is_used_and_not_changed" {
  command = plan

  override_data {
    target = data.aws_subnet.existing["subnet-0a"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1b" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0c"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0d"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1b" }
  }

  variables {
    network = {
      existing = {
        vpc_id             = "vpc-0123456789abcdef0"
        public_subnet_ids  = ["subnet-0a", "subnet-0b"]
        private_subnet_ids = ["subnet-0c", "subnet-0d"]
      }
    }

    # Spot, by the way: it needs no network of its own.
    service = { system = "ecs", requests_per_target = 1000, spot = { instance_types = ["t3.micro", "t3a.micro"], on_demand_base = 2, on_demand_percentage = 25 } }
  }

  assert {
    condition     = one(one(aws_launch_template.service.block_device_mappings).ebs).volume_size == 30
    error_message = "The ECS-optimized system needs 30 GB, and nobody has to know."
  }

  assert {
    condition     = length(aws_vpc.main) == 0 && length(aws_subnet.public) == 0 && length(aws_vpc_endpoint.s3) == 0 && output.vpc_id == "vpc-0123456789abcdef0"
    error_message = "Nothing of the network is made."
  }

  assert {
    condition     = aws_autoscaling_group.service["blue"].vpc_zone_identifier == toset(["subnet-0c", "subnet-0d"])
    error_message = "Instances live in the private subnets."
  }

  assert {
    condition     = one(one(aws_autoscaling_group.service["blue"].mixed_instances_policy).instances_distribution).on_demand_base_capacity == 2 && one(one(aws_autoscaling_group.service["blue"].mixed_instances_policy).instances_distribution).on_demand_percentage_above_base_capacity == 25
    error_message = "Spot above what is On-Demand."
  }

  assert {
    condition     = can(tonumber(one(one(one(aws_autoscaling_group.service["blue"].mixed_instances_policy).launch_template).launch_template_specification).version)) && [for override in one(one(aws_autoscaling_group.service["blue"].mixed_instances_policy).launch_template).override : override.instance_type] == ["t3.micro", "t3a.micro"]
    error_message = "Rollback needs a numeric template version, with Spot as well."
  }

  assert {
    condition     = aws_autoscaling_group.service["blue"].capacity_rebalance && endswith(data.aws_ssm_parameter.ami[0].name, "ecs/optimized-ami/amazon-linux-2023/recommended/image_id")
    error_message = "Spot instances are replaced before they are taken; the system is the one asked for."
  }

  assert {
    condition     = one(aws_autoscaling_policy.requests["blue"].target_tracking_configuration).target_value == 1000 && length(aws_autoscaling_policy.cpu) == 0
    error_message = "The group follows the requests that a target gets."
  }
}

run "subnets_of_another_network_are_refused" {
  command = plan

  variables {
    network = {
      existing = {
        vpc_id             = "vpc-0123456789abcdef0"
        public_subnet_ids  = ["subnet-0a", "subnet-0b"]
        private_subnet_ids = ["subnet-0c", "subnet-0d"]
      }
    }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0a"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0c"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0d"]
    values = { vpc_id = "vpc-9", availability_zone = "eu-north-1a" }
  }

  expect_failures = [data.aws_subnet.existing]
}

run "public_subnets_of_one_zone_are_refused" {
  command = plan

  variables {
    network = {
      existing = {
        vpc_id             = "vpc-0123456789abcdef0"
        public_subnet_ids  = ["subnet-0a", "subnet-0b"]
        private_subnet_ids = ["subnet-0c", "subnet-0d"]
      }
    }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0a"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0c"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0d"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  expect_failures = [aws_lb.main]
}

run "private_subnets_in_a_zone_without_load_balancer_are_refused" {
  command = plan

  variables {
    network = {
      existing = {
        vpc_id             = "vpc-0123456789abcdef0"
        public_subnet_ids  = ["subnet-0a", "subnet-0b"]
        private_subnet_ids = ["subnet-0c", "subnet-0d"]
      }
    }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0a"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1b" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0c"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1b" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0d"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1c" }
  }

  expect_failures = [aws_lb.main]
}

run "private_subnets_of_one_zone_are_refused_for_a_database" {
  command = plan

  variables {
    database = {}
    network = {
      existing = {
        vpc_id             = "vpc-0123456789abcdef0"
        public_subnet_ids  = ["subnet-0a", "subnet-0b"]
        private_subnet_ids = ["subnet-0c", "subnet-0d"]
      }
    }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0a"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1b" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0c"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  override_data {
    target = data.aws_subnet.existing["subnet-0d"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
  }

  expect_failures = [aws_db_subnet_group.main]
}

run "everything_on" {
  command = plan

  variables {
    network       = { nat = "per_az", availability_zones = 3 }
    service       = { instance_type = "t4g.micro", architecture = "arm64", cpu_target_percent = 60, max_lifetime_days = 30 }
    load_balancer = { access_log_days = 30, https = { domain_name = "shop.example.com", zone_id = "Z0123" } }
    settings      = { LOG_LEVEL = "info" }
    secrets       = ["API_KEY"]
    database      = {}
    observability = { people_alarms = true, dashboard = true, notification_email = "team@example.com" }
  }

  assert {
    condition     = length(aws_nat_gateway.main) == 3 && length(aws_subnet.private) == 3
    error_message = "One NAT gateway in each of three zones."
  }

  assert {
    condition     = one(aws_lb_listener.http[0].default_action).type == "redirect" && startswith(aws_lb_listener.https[0].ssl_policy, "ELBSecurityPolicy-TLS13-")
    error_message = "HTTP redirects to HTTPS with TLS 1.3."
  }

  assert {
    condition     = length(aws_acm_certificate.main) == 1 && output.url == "https://shop.example.com" && length(aws_route53_record.service) == 1
    error_message = "The certificate is asked for, validated and used."
  }

  assert {
    condition     = length(aws_lb.main[0].access_logs) == 1 && length(aws_s3_bucket_policy.access_logs) == 1 && length(aws_s3_bucket_public_access_block.access_logs) == 1
    error_message = "Access logs go to a private bucket."
  }

  assert {
    condition     = aws_db_instance.main[0].storage_encrypted && !aws_db_instance.main[0].publicly_accessible && aws_db_instance.main[0].password == null
    error_message = "The database is encrypted and private, and its password is not in the state."
  }

  assert {
    condition     = anytrue([for parameter in aws_db_parameter_group.main[0].parameter : parameter.name == "rds.force_ssl" && parameter.value == "1" && parameter.apply_method == "pending-reboot"])
    error_message = "No connection without TLS, as RDS reports it from PostgreSQL 15 on: the next plan is empty."
  }

  assert {
    condition     = aws_ssm_parameter.database_url[0].type == "SecureString" && aws_ssm_parameter.database_url[0].name == "/shop/dev/DATABASE_URL"
    error_message = "DATABASE_URL is a SecureString on the path that instances read."
  }

  assert {
    condition     = aws_ssm_parameter.database_url[0].value_wo_version == 1 && strcontains(local.user_data, "configuration_version='1.1'")
    error_message = "The password's version is part of the user data."
  }

  assert {
    condition     = aws_ssm_parameter.secret["API_KEY"].type == "SecureString" && aws_ssm_parameter.setting["LOG_LEVEL"].name == "/shop/dev/LOG_LEVEL"
    error_message = "Settings and secrets are parameters of the environment."
  }

  assert {
    condition     = strcontains(local.user_data, "required_parameters='API_KEY DATABASE_URL LOG_LEVEL'")
    error_message = "An instance refuses to start without what was declared."
  }

  assert {
    condition     = length(aws_autoscaling_policy.cpu) == 1 && aws_autoscaling_group.service["blue"].max_instance_lifetime == 2592000 && length(aws_sns_topic_subscription.email) == 1
    error_message = "Target tracking, instance lifetime and e-mail are there when asked for."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.people) == 5 && length(aws_cloudwatch_dashboard.main) == 1 && length(output.alarm_names) == 3
    error_message = "Alarms for people are no guards of a rollout."
  }

  assert {
    condition     = output.platform == "linux/arm64" && endswith(data.aws_ssm_parameter.ami[0].name, "arm64")
    error_message = "An arm64 service asks for arm64 machines and images."
  }
}
