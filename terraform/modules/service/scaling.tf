# How many instances there are, when that is not a fixed number.

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
      resource_label         = "${local.load_balancer.arn_suffix}/${aws_lb_target_group.service.arn_suffix}"
    }
  }
}
