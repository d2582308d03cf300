# How many instances there are, when that is not a fixed number. A group without any stays so: it has nothing to be measured by.

resource "aws_autoscaling_policy" "cpu" {
  for_each               = var.service.cpu_target_percent == null ? {} : local.groups
  name                   = "${each.value}-cpu"
  autoscaling_group_name = aws_autoscaling_group.service[each.key].name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.service.cpu_target_percent

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

resource "aws_autoscaling_policy" "requests" {
  for_each               = var.service.requests_per_target == null ? {} : local.groups
  name                   = "${each.value}-requests"
  autoscaling_group_name = aws_autoscaling_group.service[each.key].name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.service.requests_per_target

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${local.load_balancer.arn_suffix}/${aws_lb_target_group.service[each.key].arn_suffix}"
    }
  }
}
