# What there is none of where the load balancer is shared has a number since then. An environment keeps what it has.

moved {
  from = aws_lb.main
  to   = aws_lb.main[0]
}

moved {
  from = aws_lb_listener.http
  to   = aws_lb_listener.http[0]
}

moved {
  from = aws_security_group.load_balancer
  to   = aws_security_group.load_balancer[0]
}

moved {
  from = aws_vpc_security_group_egress_rule.load_balancer_to_service
  to   = aws_vpc_security_group_egress_rule.load_balancer_to_service[0]
}

# With blue/green there are two of these since then; blue is the one that there was.

moved {
  from = aws_autoscaling_group.service
  to   = aws_autoscaling_group.service["blue"]
}

moved {
  from = aws_autoscaling_policy.cpu[0]
  to   = aws_autoscaling_policy.cpu["blue"]
}

moved {
  from = aws_autoscaling_policy.requests[0]
  to   = aws_autoscaling_policy.requests["blue"]
}

moved {
  from = aws_cloudwatch_metric_alarm.error_rate
  to   = aws_cloudwatch_metric_alarm.error_rate["blue"]
}

moved {
  from = aws_cloudwatch_metric_alarm.latency
  to   = aws_cloudwatch_metric_alarm.latency["blue"]
}

moved {
  from = aws_lb_target_group.service
  to   = aws_lb_target_group.service["blue"]
}
