# The least that the action can deploy to: a launch template and a group, in a network, behind a target group and with an
# instance profile that exist already. Copy it, name it as the action's terraform-directory, and give the ids in
# environments/<environment>.tfvars. docs/your-own-terraform.md says what each part is for.

locals {
  name     = "${var.application}-${var.environment}"
  registry = split("/", var.image)[0]

  user_data = <<-BASH
    #!/bin/bash
    # One line on the console says how the boot ended; a failed instance is marked unhealthy, so that nobody waits for it.
    set -Eeuo pipefail
    step=docker
    fail() {
      trap - ERR
      echo "ASG_DEPLOY_BOOT_FAILED step=$step image=${var.image} reason=line $1" >/dev/console
      token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
      id=$(curl -sf -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
      aws autoscaling set-instance-health --region ${var.region} --instance-id "$id" --health-status Unhealthy \
        --no-should-respect-grace-period || shutdown -h now
      exit 1
    }
    trap 'fail $LINENO' ERR
    # Amazon Linux has the AWS CLI and not Docker, its ECS-optimized kind the other way round, and an agent that has no use.
    command -v docker >/dev/null || dnf install -y -q docker
    command -v aws >/dev/null || dnf install -y -q awscli-2
    [ ! -e /usr/lib/systemd/system/ecs.service ] || systemctl mask ecs
    systemctl enable --now docker
    step=login
    aws ecr get-login-password --region ${var.region} | docker login --username AWS --password-stdin ${local.registry}
    step=pull
    docker pull --quiet ${var.image}
    step=run
    docker run --detach --restart unless-stopped --publish ${var.port}:${var.port} --env PORT=${var.port} ${var.image}
    step=health
    curl -sf --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:${var.port}${var.health_check_path}
    echo "ASG_DEPLOY_BOOT_OK image=${var.image}" >/dev/console
  BASH
}

resource "aws_launch_template" "service" {
  name                   = local.name
  image_id               = var.ami_id # an id: a template that names an SSM parameter can't be rolled back to
  instance_type          = var.instance_type
  vpc_security_group_ids = var.security_group_ids
  user_data              = base64encode(local.user_data)

  iam_instance_profile {
    name = var.instance_profile
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type = "gp3"
      volume_size = var.root_volume_gb
      encrypted   = true
    }
  }

  lifecycle {
    create_before_destroy = true # a group without a template can launch nothing
  }
}

resource "aws_autoscaling_group" "service" {
  #checkov:skip=CKV_AWS_153:an example goes without tags on its instances
  name                = local.name
  vpc_zone_identifier = var.subnet_ids
  target_group_arns   = [var.target_group_arn]
  min_size            = 2
  max_size            = 4

  health_check_type         = "ELB"
  health_check_grace_period = var.health_check_grace_period
  default_instance_warmup   = var.default_instance_warmup
  wait_for_capacity_timeout = "0" # the action watches the first instances come up

  launch_template {
    id      = aws_launch_template.service.id
    version = aws_launch_template.service.latest_version # a number, never $Latest
  }

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 200
  }

  lifecycle {
    # The rollout moves the group, and scaling sizes it.
    ignore_changes = [launch_template[0].version, desired_capacity]
  }
}
