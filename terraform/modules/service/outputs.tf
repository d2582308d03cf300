# The contract: what the action needs to deploy onto this root.

output "autoscaling_group_name" {
  description = "The group that a rollout moves."
  value       = aws_autoscaling_group.service["blue"].name
}

output "launch_template_id" {
  description = "The template whose versions are rolled out."
  value       = aws_launch_template.service.id
}

output "launch_template_version" {
  description = "The number of the version that this apply left as the newest."
  value       = aws_launch_template.service.latest_version
}

output "target_group_arns" {
  description = "Where the health of instances is asked for."
  value       = [aws_lb_target_group.service["blue"].arn]
}

output "url" {
  description = "Where the service answers."
  value       = local.url
}

output "repository_url" {
  description = "Registry and repository of the image, without tag or digest."
  value       = local.repository_url
}

output "alarm_names" {
  description = "Alarms that guard a rollout."
  value = concat(
    values(aws_cloudwatch_metric_alarm.error_rate)[*].alarm_name,
    [aws_cloudwatch_metric_alarm.healthy_hosts.alarm_name],
    values(aws_cloudwatch_metric_alarm.latency)[*].alarm_name,
  )
}

output "blue_green" {
  description = "What a blue/green rollout moves: the rule with the weights, the one of the preview, both groups (blue first), and the sizes that the one that serves is to have. Null where the strategy is rolling."
  value = !local.blue_green ? null : {
    listener_rule_arn = aws_lb_listener_rule.weights[0].arn
    preview_rule_arn  = aws_lb_listener_rule.preview[0].arn
    preview_header    = local.preview_header
    groups = [for key in ["blue", "green"] : {
      autoscaling_group_name = aws_autoscaling_group.service[key].name
      target_group_arn       = aws_lb_target_group.service[key].arn
    }]
    capacity = { min = var.capacity.min, max = local.max_size }
  }
}

# What people ask for.

output "database_endpoint" {
  description = "Host and port of the database, or null without one."
  value       = one(aws_db_instance.main[*].endpoint)
}

output "log_group" {
  description = "Where the containers log, one stream an instance."
  value       = aws_cloudwatch_log_group.service.name
}

output "parameter_path" {
  description = "Where the settings and secrets of the container are in Parameter Store."
  value       = local.parameter_path
}

output "platform" {
  description = "What the image must be built for."
  value       = var.service.architecture == "arm64" ? "linux/arm64" : "linux/amd64"
}

output "vpc_id" {
  description = "The network."
  value       = local.vpc_id
}

output "warning" {
  description = "What this environment goes without and a production one should not; empty when there is nothing to say."
  value = join(" ", compact([
    local.serves_https ? "" : "Requests travel as plain HTTP: give load_balancer.https a certificate.",
    local.instances_are_public ? "Instances have public addresses (nobody but the load balancer gets in): set network.nat." : "",
  ]))
}
