# The contract, as the module gives it.

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
