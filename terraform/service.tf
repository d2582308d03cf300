# The machines. Terraform makes template versions; moving the group between them is the rollout's work alone.

data "aws_ssm_parameter" "ami" {
  count = var.service.ami_id == null ? 1 : 0
  name  = local.newest_ami[var.service.system]
}

locals {
  newest_ami = {
    al2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.service.architecture}"
    ecs    = "/aws/service/ecs/optimized-ami/amazon-linux-2023/${var.service.architecture == "arm64" ? "arm64/" : ""}recommended/image_id"
  }

  # Of every instance, whatever port its container listens on: another container_port is a template version like any
  # other, rolled out and back. In the target group it would replace that, and take every instance out at once.
  instance_port = 80

  spot = var.service.spot == null ? [] : [var.service.spot]

  # An id and not the parameter: a template that names a parameter can't be rolled back to.
  ami_id = var.service.ami_id == null ? nonsensitive(data.aws_ssm_parameter.ami[0].value) : var.service.ami_id

  max_size = coalesce(var.capacity.max, 2 * var.capacity.min)

  user_data = templatefile("${path.module}/user_data.sh.tftpl", {
    application             = var.application
    environment             = var.environment
    region                  = var.region
    image                   = var.image
    registry                = local.registry
    registry_region         = local.registry_region
    instance_port           = local.instance_port
    container_port          = var.service.container_port
    health_check_path       = var.load_balancer.health_check_path
    startup_timeout_seconds = var.service.startup_timeout_seconds
    parameter_path          = local.parameter_path
    required_parameters     = join(" ", local.required_parameters)
    placeholder             = local.placeholder
    configuration_version   = local.configuration_version
    log_group               = aws_cloudwatch_log_group.service.name
  })
}

resource "aws_security_group" "service" {
  name        = "${local.name}-service"
  description = "Instances of ${local.name}"
  vpc_id      = local.vpc_id

  tags = { Name = "${local.name}-service" }
}

resource "aws_vpc_security_group_ingress_rule" "service_from_load_balancer" {
  #checkov:skip=CKV_AWS_260:open to the load balancer's security group, to no address
  security_group_id            = aws_security_group.service.id
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "Requests, from the load balancer alone"
  ip_protocol                  = "tcp"
  from_port                    = local.instance_port
  to_port                      = local.instance_port
}

resource "aws_vpc_security_group_egress_rule" "service" {
  security_group_id = aws_security_group.service.id
  description       = "Registry, Parameter Store, packages, and whatever the application calls"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_launch_template" "service" {
  #checkov:skip=CKV_AWS_88:public addresses only where the network has no NAT, behind a security group that lets in the load balancer alone
  name          = local.name
  description   = "${local.name}; one version is one image and one machine configuration"
  image_id      = local.ami_id
  instance_type = var.service.instance_type
  user_data     = base64encode(local.user_data)

  iam_instance_profile {
    arn = aws_iam_instance_profile.instance.arn
  }

  network_interfaces {
    associate_public_ip_address = local.instances_are_public
    security_groups             = [aws_security_group.service.id]
    delete_on_termination       = true
  }

  # IMDSv2 only; one hop keeps containers away from the instance's role.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = var.observability.detailed_monitoring
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.service.root_volume_gb
      encrypted             = true
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]
    content {
      resource_type = tag_specifications.value
      tags          = merge(local.tags, { Name = local.name })
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.user_data) < 16384
      error_message = "The user data is ${length(local.user_data)} bytes long and EC2 takes 16384; shorten the names in secrets and settings."
    }

    precondition {
      condition     = !local.own_network || var.network.nat != "none" || !var.network.interface_endpoints || local.registry_region == var.region
      error_message = "The image is in ${local.registry_region}, and endpoints without NAT reach ${var.region} alone; set network.nat, or replicate the repository to ${var.region} and give that image."
    }
  }
}

resource "aws_autoscaling_group" "service" {
  name                = local.name
  vpc_zone_identifier = local.instance_subnet_ids
  target_group_arns   = [aws_lb_target_group.service.arn]

  min_size         = var.capacity.min
  max_size         = local.max_size
  desired_capacity = coalesce(var.capacity.desired, var.capacity.min)

  # A number: rollback needs one. It counts when the group is made, and is the rollout's from then on.
  dynamic "launch_template" {
    for_each = var.service.spot == null ? [1] : []
    content {
      id      = aws_launch_template.service.id
      version = aws_launch_template.service.latest_version
    }
  }

  # The same with Spot mixed in, of whatever type is cheap and likely to stay. The rollout keeps this policy.
  dynamic "mixed_instances_policy" {
    for_each = local.spot
    content {
      instances_distribution {
        on_demand_base_capacity                  = mixed_instances_policy.value.on_demand_base
        on_demand_percentage_above_base_capacity = mixed_instances_policy.value.on_demand_percentage
        spot_allocation_strategy                 = "price-capacity-optimized"
      }

      launch_template {
        launch_template_specification {
          launch_template_id = aws_launch_template.service.id
          version            = aws_launch_template.service.latest_version
        }

        dynamic "override" {
          for_each = mixed_instances_policy.value.instance_types
          content {
            instance_type = override.value
          }
        }
      }
    }
  }

  # An instance that is likely to be taken back is replaced before it is.
  capacity_rebalance = var.service.spot != null

  # Without ELB a refresh is a success even when no target answers. The grace period covers a boot from nothing;
  # user data ends a hopeless boot earlier by giving the instance up itself.
  health_check_type         = "ELB"
  health_check_grace_period = 60 + var.service.startup_timeout_seconds

  # Always set: unset, it becomes the grace period, once for every batch of a rollout.
  default_instance_warmup = var.service.warmup_seconds

  # Launch before terminate, in replacements of every kind and as the default of a rollout.
  instance_maintenance_policy {
    min_healthy_percentage = var.service.min_healthy_percentage
    max_healthy_percentage = var.service.max_healthy_percentage
  }

  max_instance_lifetime = var.service.max_lifetime_days == null ? null : var.service.max_lifetime_days * 86400
  termination_policies  = ["OldestLaunchTemplate", "OldestInstance"]
  enabled_metrics       = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTerminatingInstances", "GroupTotalInstances"]

  # The first deployment is watched by the action, which can say why an instance does not come up; Terraform can't.
  wait_for_capacity_timeout = "0"

  dynamic "tag" {
    for_each = merge(local.tags, { Name = local.name })
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = false # the launch template tags instances, volumes and interfaces
    }
  }

  lifecycle {
    ignore_changes = [
      launch_template[0].version,
      mixed_instances_policy[0].launch_template[0].launch_template_specification[0].version,
      desired_capacity,
    ]
  }

  # An instance that boots earlier finds no listener, no log stream rights or no configuration.
  depends_on = [
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_iam_role_policy.instance,
    aws_route.public_internet,
    aws_route.private_internet,
    aws_route_table_association.public,
    aws_route_table_association.private,
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_egress_rule.service,
    aws_ssm_parameter.setting,
    aws_ssm_parameter.secret,
    aws_ssm_parameter.database_url,
    aws_vpc_security_group_ingress_rule.database_from_service,
  ]
}

resource "aws_autoscaling_policy" "cpu" {
  count                  = var.service.cpu_target_percent == null ? 0 : 1
  name                   = "${local.name}-cpu"
  autoscaling_group_name = aws_autoscaling_group.service.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.service.cpu_target_percent

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

resource "aws_autoscaling_policy" "requests" {
  count                  = var.service.requests_per_target == null ? 0 : 1
  name                   = "${local.name}-requests"
  autoscaling_group_name = aws_autoscaling_group.service.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.service.requests_per_target

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.main.arn_suffix}/${aws_lb_target_group.service.arn_suffix}"
    }
  }
}
