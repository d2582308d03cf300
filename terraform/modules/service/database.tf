# PostgreSQL, when `database` is given. The password exists in Parameter Store and in the database, and nowhere else: it
# goes into a write-only argument, is read back from Parameter Store as an ephemeral value, and is handed on. Reading it
# back means that an apply that stops halfway is finished by the next one with the same password.

locals {
  database = var.database == null ? [] : [var.database]

  # With the environment, so that it is never one of PostgreSQL's reserved words (order, user, …).
  database_name = replace(local.name, "-", "_")
  database_port = 5432
}

resource "aws_ssm_parameter" "database_password" {
  #checkov:skip=CKV_AWS_337:the AWS-managed key encrypts as well; a key of one's own is encryption.kms_key_arn
  count       = length(local.database)
  name        = "${local.parameter_path}/database/password" # one level down: instances don't read it
  description = "Owner password of the database of ${local.name}; rotated by database.password_version"
  type        = "SecureString"
  key_id      = local.kms_key_arn.parameters

  # 244 random bits. uuid() is unknown to a plan and different in every apply, and a write-only argument is sent only
  # when its version rises, so the value is never kept anywhere but here.
  value_wo         = replace("${uuid()}${uuid()}", "-", "")
  value_wo_version = var.database.password_version

  lifecycle {
    # A password without its database's: see the secrets.
    ignore_changes = [key_id]
  }
}

ephemeral "aws_ssm_parameter" "database_password" {
  count = length(local.database)
  # A time that only an apply knows makes this unknown before: a plan reads no password, and whoever plans need not be
  # allowed to.
  arn = "${aws_ssm_parameter.database_password[0].arn}${substr(timestamp(), 0, 0)}"
}

resource "aws_ssm_parameter" "database_url" {
  #checkov:skip=CKV_AWS_337:the AWS-managed key encrypts as well; a key of one's own is encryption.kms_key_arn
  count       = length(local.database)
  name        = "${local.parameter_path}/DATABASE_URL"
  description = "How ${local.name} reaches its database"
  type        = "SecureString"
  key_id      = local.kms_key_arn.parameters

  value_wo         = "postgresql://${aws_db_instance.main[0].username}:${ephemeral.aws_ssm_parameter.database_password[0].value}@${aws_db_instance.main[0].address}:${local.database_port}/${local.database_name}?sslmode=require"
  value_wo_version = var.database.password_version

  lifecycle {
    ignore_changes = [key_id]
  }
}

resource "aws_db_subnet_group" "main" {
  count       = length(local.database)
  name        = local.name
  description = "Private subnets of ${local.name}"
  subnet_ids  = local.private_subnet_ids

  lifecycle {
    precondition {
      condition     = local.own_network || length(distinct([for id, zone in local.existing_zones : zone if contains(local.private_subnet_ids, id)])) >= 2
      error_message = "network.existing.private_subnet_ids: a database needs subnets in two availability zones; write ids of two or more."
    }
  }
}

resource "aws_security_group" "database" {
  count       = length(local.database)
  name        = "${local.name}-database"
  description = "Database of ${local.name}"
  vpc_id      = local.vpc_id

  tags = { Name = "${local.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "database_from_service" {
  count                        = length(local.database)
  security_group_id            = aws_security_group.database[0].id
  referenced_security_group_id = aws_security_group.service.id
  description                  = "PostgreSQL, from the instances alone"
  ip_protocol                  = "tcp"
  from_port                    = local.database_port
  to_port                      = local.database_port
}

resource "aws_db_parameter_group" "main" {
  count       = length(local.database)
  name        = "${local.name}-postgres${split(".", var.database.engine_version)[0]}"
  description = "Parameters of the database of ${local.name}"
  family      = "postgres${split(".", var.database.engine_version)[0]}"

  # No connection without TLS. From PostgreSQL 15 on that is the default, which RDS reports as pending-reboot whatever is
  # asked for: with another apply method every plan would change it. A database boots with its group, so nothing waits.
  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = tostring(var.database.slow_query_milliseconds)
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "main" {
  #checkov:skip=CKV_AWS_118:enhanced monitoring needs a role of its own; the alarms here use the standard metrics
  #checkov:skip=CKV_AWS_157:multi_az is the environment's choice; prod must have it
  #checkov:skip=CKV_AWS_161:the application logs in by password; IAM logins expire every 15 minutes
  #checkov:skip=CKV_AWS_226:minor upgrades come by themselves unless engine_version names a minor version
  #checkov:skip=CKV_AWS_293:deletion protection is the environment's choice; prod must have it
  #checkov:skip=CKV_AWS_353:performance insights are the environment's choice
  #checkov:skip=CKV_AWS_354:the AWS-managed key encrypts as well; a key of one's own is encryption.kms_key_arn
  count          = length(local.database)
  identifier     = local.name
  engine         = "postgres"
  engine_version = var.database.engine_version
  instance_class = var.database.instance_class
  db_name        = local.database_name
  port           = local.database_port

  username            = "app_owner"
  password_wo         = ephemeral.aws_ssm_parameter.database_password[0].value
  password_wo_version = var.database.password_version

  storage_type          = "gp3"
  allocated_storage     = var.database.allocated_storage_gb
  max_allocated_storage = var.database.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = local.kms_key_arn.database

  multi_az               = var.database.multi_az
  db_subnet_group_name   = aws_db_subnet_group.main[0].name
  vpc_security_group_ids = [aws_security_group.database[0].id]
  publicly_accessible    = false

  parameter_group_name            = aws_db_parameter_group.main[0].name
  enabled_cloudwatch_logs_exports = ["postgresql"]
  performance_insights_enabled    = var.database.performance_insights
  performance_insights_kms_key_id = var.database.performance_insights ? local.kms_key_arn.database : null

  backup_retention_period = var.database.backup_days
  backup_window           = var.database.backup_window
  maintenance_window      = var.database.maintenance_window

  # A version given to the minor is the reader's choice: AWS must not move on from it, for the next plan would want it back.
  auto_minor_version_upgrade  = !strcontains(var.database.engine_version, ".")
  allow_major_version_upgrade = var.database.allow_major_version_upgrade
  copy_tags_to_snapshot       = true
  delete_automated_backups    = var.environment != "prod"
  deletion_protection         = var.database.deletion_protection
  skip_final_snapshot         = !coalesce(var.database.final_snapshot, var.environment != "dev")
  # With the time that the database was made: a second one of that name must not find its last snapshot's name taken.
  final_snapshot_identifier = "${local.name}-final-${formatdate("YYYYMMDD-hhmmss", timestamp())}"

  # Past its end of life a version is upgraded, instead of billed by the hour as extended support.
  engine_lifecycle_support = "open-source-rds-extended-support-disabled"

  # A new password does not wait for the window, whatever this says (RDS user guide, "New master password").
  apply_immediately = var.database.apply_immediately

  depends_on = [aws_cloudwatch_log_group.database]

  lifecycle {
    ignore_changes = [final_snapshot_identifier]
  }
}
