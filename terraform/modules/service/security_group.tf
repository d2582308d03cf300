# Who reaches the instances: the load balancer, on one port.

locals {
  # Of every instance, whatever port its container listens on: another container_port is a template version like any
  # other, rolled out and back. In the target group it would replace that, and take every instance out at once.
  instance_port = 80
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
  referenced_security_group_id = local.load_balancer_security_group_id
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
