# Before there was a module these were the root's own. What was deployed then is moved by name, and not made anew.
# __tests__/e2e/upgrade.test.ts plans that.

moved {
  from = aws_acm_certificate.main
  to   = module.service.aws_acm_certificate.main
}

moved {
  from = aws_acm_certificate_validation.main
  to   = module.service.aws_acm_certificate_validation.main
}

moved {
  from = aws_autoscaling_group.service
  to   = module.service.aws_autoscaling_group.service
}

moved {
  from = aws_autoscaling_policy.cpu
  to   = module.service.aws_autoscaling_policy.cpu
}

moved {
  from = aws_autoscaling_policy.requests
  to   = module.service.aws_autoscaling_policy.requests
}

moved {
  from = aws_cloudwatch_dashboard.main
  to   = module.service.aws_cloudwatch_dashboard.main
}

moved {
  from = aws_cloudwatch_log_group.database
  to   = module.service.aws_cloudwatch_log_group.database
}

moved {
  from = aws_cloudwatch_log_group.service
  to   = module.service.aws_cloudwatch_log_group.service
}

moved {
  from = aws_cloudwatch_metric_alarm.error_rate
  to   = module.service.aws_cloudwatch_metric_alarm.error_rate
}

moved {
  from = aws_cloudwatch_metric_alarm.healthy_hosts
  to   = module.service.aws_cloudwatch_metric_alarm.healthy_hosts
}

moved {
  from = aws_cloudwatch_metric_alarm.latency
  to   = module.service.aws_cloudwatch_metric_alarm.latency
}

moved {
  from = aws_cloudwatch_metric_alarm.people
  to   = module.service.aws_cloudwatch_metric_alarm.people
}

moved {
  from = aws_db_instance.main
  to   = module.service.aws_db_instance.main
}

moved {
  from = aws_db_parameter_group.main
  to   = module.service.aws_db_parameter_group.main
}

moved {
  from = aws_db_subnet_group.main
  to   = module.service.aws_db_subnet_group.main
}

moved {
  from = aws_default_security_group.unused
  to   = module.service.aws_default_security_group.unused
}

moved {
  from = aws_eip.nat
  to   = module.service.aws_eip.nat
}

moved {
  from = aws_iam_instance_profile.instance
  to   = module.service.aws_iam_instance_profile.instance
}

moved {
  from = aws_iam_role.instance
  to   = module.service.aws_iam_role.instance
}

moved {
  from = aws_iam_role_policy.instance
  to   = module.service.aws_iam_role_policy.instance
}

moved {
  from = aws_internet_gateway.main
  to   = module.service.aws_internet_gateway.main
}

moved {
  from = aws_launch_template.service
  to   = module.service.aws_launch_template.service
}

moved {
  from = aws_lb.main
  to   = module.service.aws_lb.main
}

moved {
  from = aws_lb_listener.http
  to   = module.service.aws_lb_listener.http
}

moved {
  from = aws_lb_listener.https
  to   = module.service.aws_lb_listener.https
}

moved {
  from = aws_lb_target_group.service
  to   = module.service.aws_lb_target_group.service
}

moved {
  from = aws_nat_gateway.main
  to   = module.service.aws_nat_gateway.main
}

moved {
  from = aws_route.private_internet
  to   = module.service.aws_route.private_internet
}

moved {
  from = aws_route.public_internet
  to   = module.service.aws_route.public_internet
}

moved {
  from = aws_route53_record.certificate
  to   = module.service.aws_route53_record.certificate
}

moved {
  from = aws_route53_record.service
  to   = module.service.aws_route53_record.service
}

moved {
  from = aws_route_table.private
  to   = module.service.aws_route_table.private
}

moved {
  from = aws_route_table.public
  to   = module.service.aws_route_table.public
}

moved {
  from = aws_route_table_association.private
  to   = module.service.aws_route_table_association.private
}

moved {
  from = aws_route_table_association.public
  to   = module.service.aws_route_table_association.public
}

moved {
  from = aws_s3_bucket.access_logs
  to   = module.service.aws_s3_bucket.access_logs
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.access_logs
  to   = module.service.aws_s3_bucket_lifecycle_configuration.access_logs
}

moved {
  from = aws_s3_bucket_policy.access_logs
  to   = module.service.aws_s3_bucket_policy.access_logs
}

moved {
  from = aws_s3_bucket_public_access_block.access_logs
  to   = module.service.aws_s3_bucket_public_access_block.access_logs
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.access_logs
  to   = module.service.aws_s3_bucket_server_side_encryption_configuration.access_logs
}

moved {
  from = aws_security_group.database
  to   = module.service.aws_security_group.database
}

moved {
  from = aws_security_group.endpoints
  to   = module.service.aws_security_group.endpoints
}

moved {
  from = aws_security_group.load_balancer
  to   = module.service.aws_security_group.load_balancer
}

moved {
  from = aws_security_group.service
  to   = module.service.aws_security_group.service
}

moved {
  from = aws_sns_topic.alarms
  to   = module.service.aws_sns_topic.alarms
}

moved {
  from = aws_sns_topic_subscription.email
  to   = module.service.aws_sns_topic_subscription.email
}

moved {
  from = aws_ssm_parameter.database_password
  to   = module.service.aws_ssm_parameter.database_password
}

moved {
  from = aws_ssm_parameter.database_url
  to   = module.service.aws_ssm_parameter.database_url
}

moved {
  from = aws_ssm_parameter.secret
  to   = module.service.aws_ssm_parameter.secret
}

moved {
  from = aws_ssm_parameter.setting
  to   = module.service.aws_ssm_parameter.setting
}

moved {
  from = aws_subnet.private
  to   = module.service.aws_subnet.private
}

moved {
  from = aws_subnet.public
  to   = module.service.aws_subnet.public
}

moved {
  from = aws_vpc.main
  to   = module.service.aws_vpc.main
}

moved {
  from = aws_vpc_endpoint.interface
  to   = module.service.aws_vpc_endpoint.interface
}

moved {
  from = aws_vpc_endpoint.s3
  to   = module.service.aws_vpc_endpoint.s3
}

moved {
  from = aws_vpc_security_group_egress_rule.load_balancer_to_service
  to   = module.service.aws_vpc_security_group_egress_rule.load_balancer_to_service
}

moved {
  from = aws_vpc_security_group_egress_rule.service
  to   = module.service.aws_vpc_security_group_egress_rule.service
}

moved {
  from = aws_vpc_security_group_ingress_rule.database_from_service
  to   = module.service.aws_vpc_security_group_ingress_rule.database_from_service
}

moved {
  from = aws_vpc_security_group_ingress_rule.endpoints_from_instances
  to   = module.service.aws_vpc_security_group_ingress_rule.endpoints_from_instances
}

moved {
  from = aws_vpc_security_group_ingress_rule.http
  to   = module.service.aws_vpc_security_group_ingress_rule.http
}

moved {
  from = aws_vpc_security_group_ingress_rule.https
  to   = module.service.aws_vpc_security_group_ingress_rule.https
}

moved {
  from = aws_vpc_security_group_ingress_rule.service_from_load_balancer
  to   = module.service.aws_vpc_security_group_ingress_rule.service_from_load_balancer
}
