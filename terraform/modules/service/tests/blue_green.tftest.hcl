# Two groups behind one rule. No credentials, no network: what the provider would find is answered here.

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
  target = data.aws_autoscaling_groups.there
  values = { arns = [] }
}

override_data {
  target = data.aws_autoscaling_group.there["shop-dev"]
  values = { min_size = 3, max_size = 8, desired_capacity = 4 }
}

override_data {
  target = data.aws_autoscaling_group.there["shop-dev-green"]
  values = { min_size = 0, max_size = 6, desired_capacity = 0 }
}

override_resource {
  target          = aws_lb_target_group.service["blue"]
  override_during = plan
  values          = { arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop-dev/b", arn_suffix = "targetgroup/shop-dev/b" }
}

override_resource {
  target          = aws_lb_target_group.service["green"]
  override_during = plan
  values          = { arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop-dev-green/g", arn_suffix = "targetgroup/shop-dev-green/g" }
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

variables {
  application   = "shop"
  region        = "eu-north-1"
  environment   = "dev"
  image         = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  capacity      = { min = 2, max = 6, desired = 3 }
  service       = { cpu_target_percent = 60, requests_per_target = 1000 }
  observability = { dashboard = true, people_alarms = true }
  rollout       = { strategy = "blue-green" }
}

run "rolling_has_nothing_of_it" {
  command = plan

  variables {
    rollout = {}
  }

  assert {
    condition     = keys(aws_autoscaling_group.service) == ["blue"] && keys(aws_lb_target_group.service) == ["blue"] && length(aws_lb_listener_rule.weights) + length(aws_lb_listener_rule.preview) == 0 && output.blue_green == null
    error_message = "One group, one target group, and no rule."
  }

  assert {
    condition     = aws_autoscaling_group.service["blue"].min_size == 2 && aws_autoscaling_group.service["blue"].max_size == 6 && aws_autoscaling_group.service["blue"].desired_capacity == 3
    error_message = "Sizes are what is written."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.healthy_hosts.metric_query) == 0 && aws_cloudwatch_metric_alarm.healthy_hosts.metric_name == "HealthyHostCount" && length(output.alarm_names) == 3
    error_message = "Healthy targets are counted in the one target group."
  }
}

run "is_made_with_one_group_empty" {
  command = plan

  assert {
    condition = { for key, group in aws_autoscaling_group.service : key => "${group.name} ${group.min_size} ${group.max_size} ${group.desired_capacity}" } == {
      blue  = "shop-dev 2 6 3"
      green = "shop-dev-green 0 6 0"
    }
    error_message = "Blue serves, green is empty."
  }

  assert {
    condition     = alltrue([for key, group in aws_autoscaling_group.service : group.target_group_arns == toset([aws_lb_target_group.service[key].arn])])
    error_message = "Each group is behind its own target group."
  }

  assert {
    condition = { for target in one(one(aws_lb_listener_rule.weights[0].action).forward).target_group : target.arn => target.weight } == {
      (aws_lb_target_group.service["blue"].arn)  = 100
      (aws_lb_target_group.service["green"].arn) = 0
    }
    error_message = "All requests go to blue."
  }

  assert {
    condition     = one(one(one(aws_lb_listener_rule.weights[0].condition).path_pattern).values) == "/*" && aws_lb_listener_rule.preview[0].priority < aws_lb_listener_rule.weights[0].priority
    error_message = "The rule with the weights gets every request, and the preview is asked before it."
  }

  assert {
    condition     = contains(flatten([for condition in aws_lb_listener_rule.preview[0].condition : [for source in condition.source_ip : tolist(source.values)]]), "192.0.2.1/32") && one(aws_lb_listener_rule.preview[0].action).target_group_arn == aws_lb_target_group.service["green"].arn
    error_message = "The preview is of green, for an address that nobody has."
  }

  assert {
    condition     = aws_lb_listener.http[0].default_action[0].target_group_arn == aws_lb_target_group.service["blue"].arn && output.target_group_arns == [aws_lb_target_group.service["blue"].arn] && output.autoscaling_group_name == "shop-dev"
    error_message = "What there is without blue/green stays as it is."
  }

  assert {
    condition     = output.blue_green.preview_header == "X-Preview-Key" && output.blue_green.groups[*].autoscaling_group_name == ["shop-dev", "shop-dev-green"] && output.blue_green.groups[1].target_group_arn == aws_lb_target_group.service["green"].arn && output.blue_green.capacity == { min = 2, max = 6 }
    error_message = "The contract names both groups, blue first, and what the one that serves is to have."
  }
}

run "both_groups_are_scaled_watched_and_shown" {
  command = plan

  assert {
    condition     = [for policy in concat(values(aws_autoscaling_policy.cpu), values(aws_autoscaling_policy.requests)) : policy.autoscaling_group_name] == ["shop-dev", "shop-dev-green", "shop-dev", "shop-dev-green"] && endswith(one(one(aws_autoscaling_policy.requests["green"].target_tracking_configuration).predefined_metric_specification).resource_label, "/targetgroup/shop-dev-green/g")
    error_message = "Each group follows its own load."
  }

  assert {
    condition     = alltrue([for alarm in [aws_cloudwatch_metric_alarm.healthy_hosts, aws_cloudwatch_metric_alarm.people["no-healthy-host"]] : alarm.metric_name == null && toset(flatten([for query in alarm.metric_query : [for metric in query.metric : metric.dimensions.TargetGroup]])) == toset(["targetgroup/shop-dev/b", "targetgroup/shop-dev-green/g"])])
    error_message = "An empty group is no outage: healthy targets are counted in both."
  }

  assert {
    condition     = toset(output.alarm_names) == toset(["shop-dev-error-rate", "shop-dev-healthy-hosts", "shop-dev-latency", "shop-dev-green-latency"])
    error_message = "Latency is guarded in each group, the error rate over all requests to the load balancer."
  }

  assert {
    condition     = contains(keys(aws_cloudwatch_metric_alarm.people), "cpu-green") && length(regexall("shop-dev-green", jsonencode(local.dashboard_charts))) == 7
    error_message = "Both groups are on the dashboard."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.instance.statement : statement if statement.sid == "SetOwnInstanceHealth" && length(statement.resources) == 2]) == 1
    error_message = "Instances of either group mark themselves unhealthy."
  }
}

run "sizes_are_what_they_are" {
  command = plan

  override_data {
    target = data.aws_autoscaling_groups.there
    values = { arns = ["arn:aws:autoscaling:eu-north-1:123456789012:autoScalingGroup:1:autoScalingGroupName/shop-dev", "arn:aws:autoscaling:eu-north-1:123456789012:autoScalingGroup:1:autoScalingGroupName/shop-dev-green"] }
  }

  assert {
    condition = { for key, group in aws_autoscaling_group.service : key => "${group.min_size} ${group.max_size}" } == {
      blue  = "3 8"
      green = "0 6"
    }
    error_message = "What a rollout set is what is written."
  }

  assert {
    condition     = output.blue_green.capacity == { min = 2, max = 6 }
    error_message = "What is asked for goes to the action."
  }
}

run "what_is_made_anew_follows_what_serves" {
  command = plan

  override_data {
    target = data.aws_autoscaling_groups.there
    values = { arns = ["arn:aws:autoscaling:eu-north-1:123456789012:autoScalingGroup:1:autoScalingGroupName/shop-dev-green"] }
  }

  override_data {
    target = data.aws_autoscaling_group.there["shop-dev-green"]
    values = { min_size = 2, max_size = 6, desired_capacity = 3 }
  }

  assert {
    condition = { for key, group in aws_autoscaling_group.service : key => "${group.min_size} ${group.desired_capacity}" } == {
      blue  = "0 0"
      green = "2 3"
    }
    error_message = "Green serves: a blue that somebody deleted comes back empty."
  }

  assert {
    condition     = { for target in one(one(aws_lb_listener_rule.weights[0].action).forward).target_group : target.weight => target.arn }[100] == aws_lb_target_group.service["green"].arn
    error_message = "Green serves: a rule that is made anew sends to it."
  }
}

run "green_that_serves_is_not_destroyed" {
  command = plan

  override_data {
    target = data.aws_instances.green
    values = { ids = ["i-0123456789abcdef0"] }
  }

  variables {
    rollout = { strategy = "rolling" }
  }

  expect_failures = [aws_autoscaling_group.service["blue"]]
}

run "names_at_their_longest" {
  command = plan

  override_data {
    target = data.aws_default_tags.provider
    values = { tags = { Application = "a-twenty-letter-name", Environment = "production" } }
  }

  variables {
    application = "a-twenty-letter-name"
    environment = "production"
  }

  assert {
    condition     = aws_lb_target_group.service["green"].name == "a-twenty-letter-name--production" && length(aws_lb_target_group.service["green"].name) == 32 && aws_autoscaling_group.service["green"].name == "a-twenty-letter-name-production-green"
    error_message = "A target group takes 32 characters."
  }
}

run "https_serves_by_the_rule" {
  command = plan

  override_resource {
    target          = aws_lb_listener.https
    override_during = plan
    values          = { arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/shop-dev/0123456789abcdef/443" }
  }

  variables {
    load_balancer = { https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/1" } }
  }

  assert {
    condition     = aws_lb_listener_rule.weights[0].listener_arn == aws_lb_listener.https[0].arn && aws_lb_listener_rule.preview[0].listener_arn == aws_lb_listener.https[0].arn
    error_message = "The listener that serves has the rules, and not the one that redirects."
  }
}
