# The contract of docs/your-own-terraform.md, as this root keeps it. No credentials, no network.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 3 }
  }
}

variables {
  application        = "shop"
  environment        = "dev"
  region             = "eu-north-1"
  image              = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  security_group_ids = ["sg-0a"]
  target_group_arn   = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop/0123456789abcdef"
  instance_profile   = "shop"
  url                = "https://shop.example.com"
  ami_id             = "ami-0123456789abcdef0"
}

run "keeps_the_contract" {
  command = plan

  assert {
    condition     = output.autoscaling_group_name == "shop-dev" && output.launch_template_id == "lt-0123456789abcdef0" && output.launch_template_version == 3 && output.target_group_arns == [var.target_group_arn] && output.url == var.url && output.repository_url == "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop" && length(output.alarm_names) == 0
    error_message = "All seven outputs, of the types that the action reads."
  }

  assert {
    condition     = one(aws_autoscaling_group.service.launch_template).version == "3" && length(aws_autoscaling_group.service.instance_refresh) == 0 && aws_autoscaling_group.service.wait_for_capacity_timeout == "0"
    error_message = "A number as version, no refresh of Terraform's own, and no waiting."
  }

  assert {
    condition     = aws_autoscaling_group.service.health_check_grace_period >= 240 && aws_autoscaling_group.service.default_instance_warmup >= 90
    error_message = "A slow boot replaces no instance, and old ones stay for as long as it takes."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.service.user_data), "docker pull --quiet ${var.image}") && strcontains(base64decode(aws_launch_template.service.user_data), "ASG_DEPLOY_BOOT_FAILED step=")
    error_message = "User data pulls the digest, and says on the console how the boot ended."
  }
}

run "refused" {
  command = plan

  variables {
    image            = "shop:latest"
    subnet_ids       = ["subnet-0a", "subnet-0a"]
    target_group_arn = "shop"
    ami_id           = "resolve:ssm:/x"
  }

  expect_failures = [var.image, var.subnet_ids, var.target_group_arn, var.ami_id]
}
