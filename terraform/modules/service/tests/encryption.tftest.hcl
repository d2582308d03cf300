# A key of the company's own, for everything and for some of it. No credentials, no network.

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

variables {
  application   = "shop"
  region        = "eu-north-1"
  environment   = "dev"
  image         = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  secrets       = ["API_KEY"]
  database      = { performance_insights = true }
  load_balancer = { access_log_days = 7 }
  observability = { notification_email = "team@example.com" }
}

run "keys_of_aws_by_default" {
  command = plan

  assert {
    condition     = alltrue([for key in values(local.kms_key_arn) : key == null]) && !anytrue([for statement in data.aws_iam_policy_document.instance.statement : contains(statement.actions, "kms:Decrypt")])
    error_message = "Nothing names a key, and instances decrypt nothing by themselves."
  }
}

run "a_key_of_everything" {
  command = plan

  variables {
    encryption = { kms_key_arn = "arn:aws:kms:eu-north-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }

  assert {
    condition = alltrue([for key in [
      aws_db_instance.main[0].kms_key_id, aws_db_instance.main[0].performance_insights_kms_key_id,
      aws_cloudwatch_log_group.service.kms_key_id, aws_cloudwatch_log_group.database[0].kms_key_id,
      aws_ssm_parameter.secret["API_KEY"].key_id, aws_ssm_parameter.database_password[0].key_id, aws_ssm_parameter.database_url[0].key_id,
      aws_sns_topic.alarms[0].kms_master_key_id, one(one(aws_launch_template.service.block_device_mappings).ebs).kms_key_id,
    ] : key == var.encryption.kms_key_arn])
    error_message = "Database, logs, parameters, topic and volumes have the key."
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.instance.statement : [statement.resources, [for condition in statement.condition : "${condition.variable} = ${join(",", condition.values)}"]] if contains(statement.actions, "kms:Decrypt")] == [
      [toset([var.encryption.kms_key_arn]), ["kms:ViaService = ssm.eu-north-1.amazonaws.com"]]
    ]
    error_message = "Instances decrypt through Parameter Store, and in no other way."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.access_logs[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The access log's bucket keeps the only encryption that a load balancer can write with."
  }
}

run "a_key_of_some" {
  command = plan

  variables {
    encryption = { kms_key_arn = "arn:aws:kms:eu-north-1:123456789012:key/11111111-2222-3333-4444-555555555555", of = ["logs", "volumes"] }
  }

  assert {
    condition     = toset([for kind, key in local.kms_key_arn : kind if key != null]) == toset(["logs", "volumes"]) && !anytrue([for statement in data.aws_iam_policy_document.instance.statement : contains(statement.actions, "kms:Decrypt")])
    error_message = "What is not named keeps AWS's key."
  }
}
