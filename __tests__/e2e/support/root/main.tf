# The smallest root that keeps to the contract: a template and a group in the default network, without a load balancer.

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

provider "aws" {
  region = var.region
}

locals {
  name = "${var.application}-${var.environment}"
}

data "aws_subnets" "default" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_launch_template" "main" {
  name          = local.name
  image_id      = nonsensitive(data.aws_ssm_parameter.ami.value)
  instance_type = "t3.micro"
  user_data     = base64encode("#!/bin/bash\ndocker run ${var.image}\n")
}

resource "aws_autoscaling_group" "main" {
  name                      = local.name
  vpc_zone_identifier       = data.aws_subnets.default.ids
  min_size                  = 2
  max_size                  = 4
  default_instance_warmup   = 30
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

output "autoscaling_group_name" { value = aws_autoscaling_group.main.name }
output "launch_template_id" { value = aws_launch_template.main.id }
output "launch_template_version" { value = aws_launch_template.main.latest_version }
output "target_group_arns" { value = [] }
output "url" { value = "http://127.0.0.1" }
output "repository_url" { value = split("@", var.image)[0] }
output "alarm_names" { value = [] }
