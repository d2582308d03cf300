output "oidc_provider_arn" {
  description = "What roles for GitHub trust."
  value       = aws_iam_openid_connect_provider.github.arn
}
