# The contract.

output "autoscaling_group_name" {
  description = "The group that a rollout moves."
  value       = aws_autoscaling_group.service.name
}

output "launch_template_id" {
  description = "The template whose versions are rolled out."
  value       = aws_launch_template.service.id
}

output "launch_template_version" {
  description = "The version that this apply left as the newest."
  value       = aws_launch_template.service.latest_version
}

output "target_group_arns" {
  description = "Where the health of instances is asked for."
  value       = [var.target_group_arn]
}

output "url" {
  description = "Where the service answers."
  value       = var.url
}

output "repository_url" {
  description = "Registry and repository of the image."
  value       = split("@", var.image)[0]
}

output "alarm_names" {
  description = "Alarms that guard a rollout; none here."
  value       = []
}
