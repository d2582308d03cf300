# The contract: what the action needs to deploy onto this root.

output "autoscaling_group_name" {
  description = "The group that a rollout moves."
  value       = module.service.autoscaling_group_name
}

output "launch_template_id" {
  description = "The template whose versions are rolled out."
  value       = module.service.launch_template_id
}

output "launch_template_version" {
  description = "The number of the version that this apply left as the newest."
  value       = module.service.launch_template_version
}

output "target_group_arns" {
  description = "Where the health of instances is asked for."
  value       = module.service.target_group_arns
}

output "url" {
  description = "Where the service answers."
  value       = module.service.url
}

output "repository_url" {
  description = "Registry and repository of the image, without tag or digest."
  value       = module.service.repository_url
}

output "alarm_names" {
  description = "Alarms that guard a rollout."
  value       = module.service.alarm_names
}

output "blue_green" {
  description = "What a blue/green rollout moves: the rule with the weights, the one of the preview, both groups (blue first), and the sizes that the one that serves is to have. Null where the strategy is rolling."
  value       = module.service.blue_green
}

# What people ask for.

output "database_endpoint" {
  description = "Host and port of the database, or null without one."
  value       = module.service.database_endpoint
}

output "log_group" {
  description = "Where the containers log, one stream an instance."
  value       = module.service.log_group
}

output "parameter_path" {
  description = "Where the settings and secrets of the container are in Parameter Store."
  value       = module.service.parameter_path
}

output "platform" {
  description = "What the image must be built for."
  value       = module.service.platform
}

output "vpc_id" {
  description = "The network."
  value       = module.service.vpc_id
}

output "warning" {
  description = "What this environment goes without and a production one should not; empty when there is nothing to say."
  value       = module.service.warning
}
