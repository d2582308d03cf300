# The instances. Moving a group between template versions is the rollout's work alone. With blue/green there are two groups,
# which differ in name, target group and size (blue_green.tf).

locals {
  spot = var.service.spot == null ? [] : [var.service.spot]

  max_size = coalesce(var.capacity.max, 2 * var.capacity.min)
}

resource "aws_autoscaling_group" "service" {
  for_each            = local.groups
  name                = each.value
  vpc_zone_identifier = local.instance_subnet_ids
  target_group_arns   = [aws_lb_target_group.service[each.key].arn]

  min_size         = local.sizes[each.key].min
  max_size         = local.sizes[each.key].max
  desired_capacity = local.sizes[each.key].desired

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

  # Without ELB a refresh is a success even when no target answers. The grace period covers all that comes before the
  # container's own start: the system's boot, the installation of Docker, the pull. User data ends a hopeless boot
  # earlier by marking the instance unhealthy.
  health_check_type         = "ELB"
  health_check_grace_period = 180 + var.service.startup_timeout_seconds + length(local.boot_hooks) * var.service.boot_hooks.timeout_seconds

  # Always set: unset, it becomes the grace period, once for every batch of a rollout. It outlasts a slow boot, after
  # which old instances go.
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
    for_each = merge(local.tags, { Name = each.value })
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

    precondition {
      condition     = local.green_instances == 0
      error_message = "rollout.strategy is \"rolling\", which destroys the group ${local.name}-green, and ${local.green_instances} of its instances run: it serves, or a rollout is under way. Write rollout = { strategy = \"blue-green\" } again and deploy another version (service.configuration_version one higher makes one of the same image), so that ${local.name} serves and the other one is empty; then turn it off. Nothing was changed."
    }
  }

  # An instance that boots earlier finds no listener, no log stream rights or no configuration.
  depends_on = [
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_lb_listener_rule.shared,
    aws_lb_listener_rule.weights,
    aws_iam_role_policy.instance,
    aws_iam_role_policy.application,
    aws_iam_role_policy_attachment.application,
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
