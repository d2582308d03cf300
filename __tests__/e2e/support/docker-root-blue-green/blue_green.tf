# A second group beside the first, and the rule that shares the requests out between them.

variable "listener_arn" { type = string }
variable "vpc_id" { type = string }

resource "aws_lb_target_group" "green" {
  name                 = "${local.name}-green"
  vpc_id               = var.vpc_id
  protocol             = "HTTP"
  port                 = 3000
  deregistration_delay = 5

  health_check {
    path              = "/healthz"
    interval          = 5
    timeout           = 4
    healthy_threshold = 2
  }
}

resource "aws_lb_listener_rule" "weights" {
  listener_arn = var.listener_arn
  priority     = 20

  condition {
    path_pattern { values = ["/*"] }
  }

  action {
    type = "forward"
    forward {
      target_group {
        arn    = var.target_group_arn
        weight = 100
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 0
      }
    }
  }

  lifecycle {
    ignore_changes = [action]
  }
}

resource "aws_lb_listener_rule" "preview" {
  listener_arn = var.listener_arn
  priority     = 10

  condition {
    http_header {
      http_header_name = "X-Preview-Key"
      values           = ["closed"]
    }
  }
  condition {
    source_ip { values = ["192.0.2.1/32"] }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.green.arn
  }

  lifecycle {
    ignore_changes = [action, condition]
  }
}

resource "aws_autoscaling_group" "green" {
  name                      = "${local.name}-green"
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = [aws_lb_target_group.green.arn]
  min_size                  = 0
  max_size                  = 4
  desired_capacity          = 0
  health_check_type         = "ELB"
  health_check_grace_period = 300
  default_instance_warmup   = 5
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.main.id
    version = aws_launch_template.main.latest_version
  }

  lifecycle {
    ignore_changes = [launch_template[0].version, min_size, max_size, desired_capacity]
  }
}

output "blue_green" {
  value = {
    listener_rule_arn = aws_lb_listener_rule.weights.arn
    preview_rule_arn  = aws_lb_listener_rule.preview.arn
    preview_header    = "X-Preview-Key"
    groups = [
      { autoscaling_group_name = aws_autoscaling_group.main.name, target_group_arn = var.target_group_arn },
      { autoscaling_group_name = aws_autoscaling_group.green.name, target_group_arn = aws_lb_target_group.green.arn },
    ]
    capacity = { min = 2, max = 4 }
  }
}
