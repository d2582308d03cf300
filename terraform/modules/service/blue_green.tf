# Blue/green, with rollout.strategy: a second group of the same kind behind a target group of its own, and a rule of the
# listener whose weights say which of the two answers. Weights, sizes and template versions are the rollout's: Terraform
# makes what is not there and takes the rest as it is, so that a plan is empty between rollouts and in the middle of one.

locals {
  blue_green = var.rollout.strategy == "blue-green"

  # Blue is the group that there is without it as well.
  groups = merge({ blue = local.name }, local.blue_green ? { green = "${local.name}-green" } : {})

  # These end at 32 characters. No application has two hyphens in a row.
  target_group_names = {
    blue  = local.name
    green = length("${local.name}-green") <= 32 ? "${local.name}-green" : "${var.application}--${var.environment}"
  }

  serving_listener_arn = local.shared != null ? local.shared.listener_arn : one((local.https_enabled ? aws_lb_listener.https : aws_lb_listener.http)[*].arn)

  # Ahead of the rule of a shared load balancer; of our own listener the last two.
  priorities = !local.blue_green ? null : local.shared == null ? { preview = 49999, weights = 50000 } : coalesce(var.rollout.priorities, { preview = local.shared.priority - 2, weights = local.shared.priority - 1 })

  preview_header = "X-Preview-Key"
}

# The groups that there are, with the sizes that they have.

data "aws_autoscaling_groups" "there" {
  count = local.blue_green ? 1 : 0
  names = values(local.groups)
}

data "aws_autoscaling_group" "there" {
  for_each = toset([for arn in flatten(data.aws_autoscaling_groups.there[*].arns) : split("autoScalingGroupName/", arn)[1]])
  name     = each.key
}

locals {
  there = { for key, name in local.groups : key => data.aws_autoscaling_group.there[name] if contains(keys(data.aws_autoscaling_group.there), name) }

  # Only what is not there yet is made by this: what serves as large as asked for, the other one empty.
  live = try(local.there.green.desired_capacity, 0) > 0 && try(local.there.blue.desired_capacity, 0) == 0 ? "green" : "blue"
  sizes = { for key in keys(local.groups) : key => try(
    { min = local.there[key].min_size, max = local.there[key].max_size, desired = local.there[key].desired_capacity },
    { min = key == local.live ? var.capacity.min : 0, max = local.max_size, desired = key == local.live ? coalesce(var.capacity.desired, var.capacity.min) : 0 },
  ) }
}

# Whether green may go: it takes its instances with it.

data "aws_instances" "green" {
  count                = local.blue_green ? 0 : 1
  instance_state_names = ["pending", "running"]

  instance_tags = {
    Application                 = var.application
    Environment                 = var.environment
    "aws:autoscaling:groupName" = "${local.name}-green"
  }
}

locals {
  green_instances = length(flatten(data.aws_instances.green[*].ids))
}

resource "aws_lb_listener_rule" "weights" {
  count        = local.blue_green ? 1 : 0
  listener_arn = local.serving_listener_arn
  priority     = local.priorities.weights

  action {
    type = "forward"

    forward {
      dynamic "target_group" {
        for_each = local.groups
        content {
          arn    = aws_lb_target_group.service[target_group.key].arn
          weight = target_group.key == local.live ? 100 : 0
        }
      }
    }
  }

  dynamic "condition" {
    for_each = local.matched_hosts
    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = local.matched_paths
    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  tags = { Name = local.name }

  lifecycle {
    ignore_changes = [action]
  }
}

# The idle group, for who knows a key that each rollout makes and forgets. Closed until then: 192.0.2.1 is an address of
# documentation (RFC 5737), from which no request comes.
resource "aws_lb_listener_rule" "preview" {
  count        = local.blue_green ? 1 : 0
  listener_arn = local.serving_listener_arn
  priority     = local.priorities.preview

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service["green"].arn
  }

  condition {
    http_header {
      http_header_name = local.preview_header
      values           = ["closed"]
    }
  }

  condition {
    source_ip {
      values = ["192.0.2.1/32"]
    }
  }

  tags = { Name = "${local.name}-preview" }

  lifecycle {
    ignore_changes = [action, condition]
  }
}
