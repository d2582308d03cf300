# Logs, and the alarms that stop a bad rollout.

locals {
  period_seconds = 60

  # Below this many healthy targets the rollout is eating capacity that it was not given.
  healthy_hosts_floor = max(1, ceil(var.capacity.min * var.service.min_healthy_percentage / 100))

  load_balancer_dimensions = { LoadBalancer = aws_lb.main.arn_suffix }
  target_group_dimensions  = { LoadBalancer = aws_lb.main.arn_suffix, TargetGroup = aws_lb_target_group.service.arn_suffix }

  alarm_actions = concat(var.observability.alarm_actions, aws_sns_topic.alarms[*].arn)
}

resource "aws_cloudwatch_log_group" "service" {
  #checkov:skip=CKV_AWS_158:the AWS-managed key encrypts as well; a key of one's own is $1 a month each
  #checkov:skip=CKV_AWS_338:how long is observability.log_days; a year costs more than most logs are worth
  name              = "${local.parameter_path}/service"
  retention_in_days = var.observability.log_days
}

# RDS would make it by itself, and keep it for ever.
resource "aws_cloudwatch_log_group" "database" {
  #checkov:skip=CKV_AWS_158:the AWS-managed key encrypts as well; a key of one's own is $1 a month each
  #checkov:skip=CKV_AWS_338:how long is observability.log_days; a year costs more than most logs are worth
  count             = length(local.database)
  name              = "/aws/rds/instance/${local.name}/postgresql"
  retention_in_days = var.observability.log_days
}

# The rollout's guards. Missing data is no breach, or an idle environment could never be deployed to.

resource "aws_cloudwatch_metric_alarm" "error_rate" {
  alarm_name          = "${local.name}-error-rate"
  alarm_description   = "More than ${var.observability.error_rate_percent} % of the requests to ${local.name} are answered with a 5xx by its containers, or by the load balancer in their stead."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.observability.error_rate_percent
  evaluation_periods  = var.observability.minutes_before_alarm
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  metric_query {
    id          = "error_rate"
    label       = "5xx of all requests, percent"
    expression  = "IF(requests > 0, 100 * (FILL(target_errors, 0) + FILL(balancer_errors, 0)) / requests, 0)"
    return_data = true
  }

  metric_query {
    id = "requests"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      dimensions  = local.load_balancer_dimensions
      stat        = "Sum"
      period      = local.period_seconds
    }
  }

  metric_query {
    id = "target_errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = local.load_balancer_dimensions
      stat        = "Sum"
      period      = local.period_seconds
    }
  }

  metric_query {
    id = "balancer_errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_ELB_5XX_Count"
      dimensions  = local.load_balancer_dimensions
      stat        = "Sum"
      period      = local.period_seconds
    }
  }
}

# Not UnHealthyHostCount: every instance that is still booting counts there, and would stop every rollout.
resource "aws_cloudwatch_metric_alarm" "healthy_hosts" {
  alarm_name          = "${local.name}-healthy-hosts"
  alarm_description   = "Fewer than ${local.healthy_hosts_floor} healthy targets behind ${local.name}."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  dimensions          = local.target_group_dimensions
  statistic           = "Maximum"
  period              = local.period_seconds
  comparison_operator = "LessThanThreshold"
  threshold           = local.healthy_hosts_floor
  evaluation_periods  = var.observability.minutes_before_alarm
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${local.name}-latency"
  alarm_description   = "One request in twenty to ${local.name} takes longer than ${var.observability.latency_p95_seconds} s."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = local.target_group_dimensions
  extended_statistic  = "p95"
  period              = local.period_seconds
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.observability.latency_p95_seconds
  evaluation_periods  = var.observability.minutes_before_alarm
  treat_missing_data  = "notBreaching"
  # A handful of requests is no statistic.
  evaluate_low_sample_count_percentiles = "ignore"
  alarm_actions                         = local.alarm_actions
  ok_actions                            = local.alarm_actions
}

resource "aws_sns_topic" "alarms" {
  count             = var.observability.notification_email == null ? 0 : 1
  name              = "${local.name}-alarms"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_subscription" "email" {
  count     = length(aws_sns_topic.alarms)
  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.observability.notification_email
}
