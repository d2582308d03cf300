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
