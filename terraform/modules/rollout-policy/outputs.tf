output "json" {
  description = "The policy document, for an aws_iam_policy or an inline policy of your role."
  value       = data.aws_iam_policy_document.rollout.json
}
