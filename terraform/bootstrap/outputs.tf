output "repository_url" {
  description = "Registry and repository, without a tag: what another account names in image_repositories."
  value       = aws_ecr_repository.main.repository_url
}

output "repository_arn" {
  description = "The registry's repository, for policies of your own."
  value       = aws_ecr_repository.main.arn
}

output "deploy_role_arns" {
  description = "By environment: what role-to-assume in the workflow is set to."
  value       = { for environment, role in aws_iam_role.deploy : environment => role.arn }
}

output "plan_role_arns" {
  description = "By environment of plan_environments: what role-to-assume is set to in a pull request."
  value       = { for environment, role in aws_iam_role.plan : environment => role.arn }
}

output "permissions_boundary_arns" {
  description = "By environment: what its permissions_boundary_arn must be when its deploy role is used."
  value       = { for environment, policy in aws_iam_policy.instance : environment => policy.arn }
}

output "name_suffix" {
  description = "What ends the names that an account has only once; the action hands it on."
  value       = var.name_suffix
}

output "bootstrap_version" {
  description = "Raised with each change here that the action needs; it compares the number before it touches anything."
  value       = 1
}
