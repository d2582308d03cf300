# What the container finds in its environment: parameters under /<application>/<environment>/, read at boot.
# Terraform writes first values; from then on they belong to whoever operates the service.

locals {
  placeholder = "NOT_SET_YET"

  required_parameters = sort(concat(keys(var.settings), tolist(var.secrets), var.database == null ? [] : ["DATABASE_URL"]))

  # Part of the user data, so that raising either makes a template version and thereby a rollout.
  configuration_version = "${var.service.configuration_version}.${var.database == null ? 0 : var.database.password_version}"
}

resource "aws_ssm_parameter" "setting" {
  #checkov:skip=CKV2_AWS_34:settings are no secrets; secrets are SecureStrings below
  for_each       = var.settings
  name           = "${local.parameter_path}/${each.key}"
  description    = "Setting of ${local.name}"
  type           = "String"
  insecure_value = each.value

  lifecycle {
    # An operator's change must survive the next apply.
    ignore_changes = [insecure_value, value]
  }
}

resource "aws_ssm_parameter" "secret" {
  #checkov:skip=CKV_AWS_337:the AWS-managed key encrypts as well; a key of one's own is encryption.kms_key_arn
  for_each         = var.secrets
  name             = "${local.parameter_path}/${each.key}"
  description      = "Secret of ${local.name}; set with aws ssm put-parameter --overwrite"
  type             = "SecureString"
  key_id           = local.kms_key_arn.parameters
  value_wo         = local.placeholder
  value_wo_version = 1

  lifecycle {
    # Another key is another value to the provider, and it has none: it would write an empty one.
    ignore_changes = [key_id]
  }
}
