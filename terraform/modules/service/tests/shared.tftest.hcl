# A service behind a load balancer that others use as well. No credentials, no network.

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

override_data {
  target = data.aws_subnet.existing["subnet-0c"]
  values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
}

override_data {
  target = data.aws_subnet.existing["subnet-0d"]
  values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1b" }
}

override_data {
  target = data.aws_lb_listener.shared
  values = {
    load_balancer_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/company/0123456789abcdef"
    protocol          = "HTTPS"
    port              = 443
  }
}

override_data {
  target = data.aws_lb.shared
  values = {
    arn_suffix      = "app/company/0123456789abcdef"
    dns_name        = "company-1.eu-north-1.elb.amazonaws.com"
    security_groups = ["sg-0b", "sg-0a"]
    vpc_id          = "vpc-0123456789abcdef0"
  }
}

override_resource {
  target          = aws_lb_target_group.service
  override_during = plan
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop-dev/fedcba9876543210"
    arn_suffix = "targetgroup/shop-dev/fedcba9876543210"
  }
}

variables {
  application   = "shop"
  region        = "eu-north-1"
  environment   = "dev"
  image         = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  network       = { existing = { vpc_id = "vpc-0123456789abcdef0", private_subnet_ids = ["subnet-0c", "subnet-0d"] } }
  service       = { requests_per_target = 1000 }
  observability = { dashboard = true, people_alarms = true }
  load_balancer = { shared = {
    listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0123456789abcdef/0123456789abcdef"
    priority     = 100
    hosts        = ["*.shop.example.com", "shop.example.com"]
    paths        = ["/api/*"]
  } }
}

run "a_rule_and_no_load_balancer" {
  command = plan

  assert {
    condition     = length(aws_lb.main) == 0 && length(aws_lb_listener.http) == 0 && length(aws_lb_listener.https) == 0 && length(aws_security_group.load_balancer) == 0 && length(aws_vpc_security_group_ingress_rule.http) == 0 && length(aws_vpc_security_group_egress_rule.load_balancer_to_service) == 0
    error_message = "Nothing of a load balancer is made."
  }

  assert {
    condition     = aws_lb_listener_rule.shared[0].priority == 100 && one(aws_lb_listener_rule.shared[0].action).target_group_arn == aws_lb_target_group.service["blue"].arn
    error_message = "A rule of the listener sends to the service."
  }

  assert {
    condition     = toset(flatten([for condition in aws_lb_listener_rule.shared[0].condition : [for header in condition.host_header : header.values]])) == toset(["*.shop.example.com", "shop.example.com"]) && flatten([for condition in aws_lb_listener_rule.shared[0].condition : [for pattern in condition.path_pattern : tolist(pattern.values)]]) == ["/api/*"]
    error_message = "What is asked of these hosts and, among that, these paths."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.service_from_load_balancer.referenced_security_group_id == "sg-0a"
    error_message = "Instances take requests from the shared load balancer's group."
  }

  assert {
    condition     = output.url == "https://shop.example.com" && output.warning == "" && output.target_group_arns == [aws_lb_target_group.service["blue"].arn]
    error_message = "The service is asked by its name, over HTTPS as the listener speaks it."
  }

  assert {
    condition = alltrue([for dimensions in concat(
      [for query in aws_cloudwatch_metric_alarm.error_rate["blue"].metric_query : one(query.metric).dimensions if length(query.metric) > 0],
      [aws_cloudwatch_metric_alarm.healthy_hosts.dimensions, aws_cloudwatch_metric_alarm.latency["blue"].dimensions, aws_cloudwatch_metric_alarm.people["no-healthy-host"].dimensions],
    ) : dimensions == tomap({ LoadBalancer = "app/company/0123456789abcdef", TargetGroup = "targetgroup/shop-dev/fedcba9876543210" })])
    error_message = "Alarms are about the service's own requests, and not about its neighbours'."
  }

  assert {
    condition     = !strcontains(jsonencode(aws_cloudwatch_metric_alarm.error_rate["blue"].metric_query), "HTTPCode_ELB_5XX_Count")
    error_message = "A metric that is not counted by target group would never have data."
  }

  assert {
    condition     = one(one(aws_autoscaling_policy.requests["blue"].target_tracking_configuration).predefined_metric_specification).resource_label == "app/company/0123456789abcdef/targetgroup/shop-dev/fedcba9876543210"
    error_message = "The group follows the requests that its own targets get."
  }
}

run "by_path_on_a_listener_of_plain_http" {
  command = plan

  override_data {
    target = data.aws_lb_listener.shared
    values = {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/company/0123456789abcdef"
      protocol          = "HTTP"
      port              = 8080
    }
  }

  variables {
    load_balancer = { shared = {
      listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0123456789abcdef/0123456789abcdef"
      priority     = 1
      paths        = ["/shop", "/shop/*"]
    } }
  }

  assert {
    condition     = output.url == "http://company-1.eu-north-1.elb.amazonaws.com:8080" && strcontains(output.warning, "plain HTTP") && length(aws_lb_listener_rule.shared[0].condition) == 1
    error_message = "Without a host the service answers under the load balancer's own name and port."
  }
}

run "blue_green_has_two_rules_before_it" {
  command = plan

  override_data {
    target = data.aws_autoscaling_groups.there
    values = { arns = [] }
  }

  variables {
    rollout = { strategy = "blue-green" }
  }

  assert {
    condition     = [aws_lb_listener_rule.preview[0].priority, aws_lb_listener_rule.weights[0].priority, aws_lb_listener_rule.shared[0].priority] == [98, 99, 100] && aws_lb_listener_rule.weights[0].listener_arn == aws_lb_listener_rule.shared[0].listener_arn
    error_message = "The rule of the service stays; that of the weights is asked before it, and that of the preview first."
  }

  assert {
    condition     = jsonencode(aws_lb_listener_rule.weights[0].condition) == jsonencode(aws_lb_listener_rule.shared[0].condition)
    error_message = "What has weights is what the service gets, and nothing of its neighbours'."
  }

  assert {
    condition     = [for key, alarm in aws_cloudwatch_metric_alarm.error_rate : alarm.alarm_name] == ["shop-dev-error-rate", "shop-dev-green-error-rate"]
    error_message = "Of a shared load balancer, each target group has an error rate of its own."
  }
}

run "blue_green_with_priorities_of_its_own" {
  command = plan

  override_data {
    target = data.aws_autoscaling_groups.there
    values = { arns = [] }
  }

  variables {
    rollout = { strategy = "blue-green", priorities = { preview = 7, weights = 50 } }
  }

  assert {
    condition     = [aws_lb_listener_rule.preview[0].priority, aws_lb_listener_rule.weights[0].priority] == [7, 50]
    error_message = "Where the numbers before it are taken, others can be given."
  }
}

run "https_without_a_name_is_refused" {
  command = plan

  variables {
    load_balancer = { shared = {
      listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0123456789abcdef/0123456789abcdef"
      priority     = 1
      paths        = ["/shop/*"]
    } }
  }

  expect_failures = [aws_lb_listener_rule.shared]
}

run "another_network_is_refused" {
  command = plan

  override_data {
    target = data.aws_lb.shared
    values = { vpc_id = "vpc-0fedcba9876543210", security_groups = ["sg-0a"] }
  }

  expect_failures = [aws_lb_listener_rule.shared]
}

run "a_network_of_its_own_is_refused" {
  command = plan

  variables {
    network = {}
  }

  expect_failures = [aws_lb_listener_rule.shared]
}

run "prod_refuses_plain_http" {
  command = plan

  override_data {
    target = data.aws_lb_listener.shared
    values = {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/company/0123456789abcdef"
      protocol          = "HTTP"
      port              = 80
    }
  }

  variables {
    environment = "prod"
  }

  # The tags are those of the provider, which stays with dev.
  expect_failures = [aws_lb_listener_rule.shared, check.tags]
}
