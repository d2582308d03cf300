# Names and facts that the other files share. Every resource is called <application>-<environment>.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_default_tags" "provider" {}

check "tags" {
  assert {
    condition     = lookup(local.tags, "Application", null) == var.application && lookup(local.tags, "Environment", null) == var.environment
    error_message = "The provider's default_tags are not Application = \"${var.application}\" and Environment = \"${var.environment}\": the deploy roles of bootstrap/ may only change what carries both."
  }
}

locals {
  name           = "${var.application}-${var.environment}"
  parameter_path = "/${var.application}/${var.environment}"

  # Those of the provider, for what Auto Scaling makes: instances, volumes and interfaces.
  tags = data.aws_default_tags.provider.tags

  # The key of each kind of data; null is AWS's own.
  kms_key_arn = { for kind in ["database", "logs", "parameters", "topic", "volumes"] : kind => contains(var.encryption.of, kind) ? var.encryption.kms_key_arn : null }

  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  # registry/path/name@sha256:… → what docker logs in to, and what the instances may pull.
  repository_url  = split("@", var.image)[0]
  registry        = split("/", var.image)[0]
  repository_name = trimprefix(local.repository_url, "${local.registry}/")

  # An ECR host names the account and region of the registry, which may be another account's.
  ecr_host           = try(regex("^([0-9]{12})\\.dkr[.-]ecr(?:-fips)?\\.([a-z0-9-]+)\\.", local.registry), [local.account_id, var.region])
  registry_region    = local.ecr_host[1]
  repository_arn     = "arn:${local.partition}:ecr:${local.registry_region}:${local.ecr_host[0]}:repository/${local.repository_name}"
  parameter_path_arn = "arn:${local.partition}:ssm:${var.region}:${local.account_id}:parameter${local.parameter_path}"
}
