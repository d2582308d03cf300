# Two instances behind a load balancer that exists, booted by the bundled script; every wait as short as it goes.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
  backend "s3" {}
}

variable "application" { type = string }
variable "environment" { type = string }
variable "region" { type = string }
variable "image" { type = string }
variable "subnet_ids" { type = list(string) }
variable "target_group_arn" { type = string }
variable "url" { type = string }
# Its dimension in metrics; with it the rollout is guarded by an alarm on errors, as the bundled one is.
variable "load_balancer" {
  type    = string
  default = null
}
variable "required_parameters" {
  type    = string
  default = ""
}
variable "startup_timeout_seconds" {
  type    = number
  default = 90
}

provider "aws" {
  region = var.region
}

locals {
  name = "${var.application}-${var.environment}"
}

resource "aws_launch_template" "main" {
  name          = local.name
  image_id      = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  iam_instance_profile {
    name = local.name
  }

  user_data = base64encode(templatefile("${path.module}/user_data.sh.tftpl", {
    application             = var.application
    environment             = var.environment
    region                  = var.region
    image                   = var.image
    registry                = split("/", var.image)[0]
    registry_region         = var.region
    container_port          = 3000
    instance_port           = 3000
    health_check_path       = "/healthz"
    startup_timeout_seconds = var.startup_timeout_seconds
    parameter_path          = "/${var.application}/${var.environment}"
    required_parameters     = var.required_parameters
    placeholder             = "NOT_SET_YET"
    configuration_version   = "1"
    log_group               = local.name
    hooks                   = {}
    hook_timeout_seconds    = 60
  }))
}

resource "aws_autoscaling_group" "main" {
  name                      = local.name
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = [var.target_group_arn]
  min_size                  = 2
  max_size                  = 4
  health_check_type         = "ELB"
  health_check_grace_period = 300
  default_instance_warmup   = 5
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.main.id
    version = aws_launch_template.main.latest_version
  }

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 200
  }

  lifecycle {
    ignore_changes = [launch_template[0].version, desired_capacity]
  }
}

resource "aws_cloudwatch_metric_alarm" "error_rate" {
  count               = var.load_balancer == null ? 0 : 1
  alarm_name          = "${local.name}-error-rate"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "error_rate"
    expression  = "IF(requests > 0, 100 * (FILL(target_errors, 0) + FILL(balancer_errors, 0)) / requests, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      requests        = "RequestCount"
      target_errors   = "HTTPCode_Target_5XX_Count"
      balancer_errors = "HTTPCode_ELB_5XX_Count"
    }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = { LoadBalancer = var.load_balancer }
        stat        = "Sum"
        period      = 60
      }
    }
  }
}

output "autoscaling_group_name" { value = aws_autoscaling_group.main.name }
output "launch_template_id" { value = aws_launch_template.main.id }
output "launch_template_version" { value = aws_launch_template.main.latest_version }
output "target_group_arns" { value = [var.target_group_arn] }
output "url" { value = var.url }
output "repository_url" { value = split("@", var.image)[0] }
output "alarm_names" { value = aws_cloudwatch_metric_alarm.error_rate[*].alarm_name }
