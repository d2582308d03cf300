# Logs, and the alarms that stop a bad rollout.

locals {
  period_seconds = 60

  # Below this many healthy targets the rollout is eating capacity that it was not given.
  healthy_hosts_floor = max(1, ceil(var.capacity.min * var.service.min_healthy_percentage / 100))

  target_group_dimensions = { LoadBalancer = local.load_balancer.arn_suffix, TargetGroup = aws_lb_target_group.service.arn_suffix }

  # What a load balancer of our own counts is the service's; of a shared one only what is counted by target group. How often
  # it answered in a target's stead is not among that: connections that failed stand in for it.
  request_dimensions   = local.shared == null ? { LoadBalancer = local.load_balancer.arn_suffix } : local.target_group_dimensions
  balancer_errors      = local.shared == null ? "HTTPCode_ELB_5XX_Count" : "TargetConnectionErrorCount"
  request_chart_labels = flatten([for name, value in local.request_dimensions : [name, value]])

  alarm_actions = concat(var.observability.alarm_actions, aws_sns_topic.alarms[*].arn)
}

resource "aws_cloudwatch_log_group" "service" {
  #checkov:skip=CKV_AWS_158:the AWS-managed key encrypts as well; a key of one's own is encryption.kms_key_arn
  #checkov:skip=CKV_AWS_338:how long is observability.log_days; a year costs more than most logs are worth
  name              = "${local.parameter_path}/service"
  retention_in_days = var.observability.log_days
  kms_key_id        = local.kms_key_arn.logs
}

# RDS would make it by itself, and keep it for ever.
resource "aws_cloudwatch_log_group" "database" {
  #checkov:skip=CKV_AWS_158:the AWS-managed key encrypts as well; a key of one's own is encryption.kms_key_arn
  #checkov:skip=CKV_AWS_338:how long is observability.log_days; a year costs more than most logs are worth
  count             = length(local.database)
  name              = "/aws/rds/instance/${local.name}/postgresql"
  retention_in_days = var.observability.log_days
  kms_key_id        = local.kms_key_arn.logs
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
      dimensions  = local.request_dimensions
      stat        = "Sum"
      period      = local.period_seconds
    }
  }

  metric_query {
    id = "target_errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = local.request_dimensions
      stat        = "Sum"
      period      = local.period_seconds
    }
  }

  metric_query {
    id = "balancer_errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = local.balancer_errors
      dimensions  = local.request_dimensions
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

# Alarms for people, with observability.people_alarms: what a person should look at, and no rollout should wait for.

locals {
  people_alarms = merge(
    {
      no-healthy-host = { namespace = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Maximum", dimensions = local.target_group_dimensions, comparison = "LessThanThreshold", threshold = 1, missing = "breaching", what = "Nobody answers for ${local.name}." }
      cpu             = { namespace = "AWS/EC2", metric = "CPUUtilization", statistic = "Average", dimensions = { AutoScalingGroupName = local.name }, comparison = "GreaterThanThreshold", threshold = var.observability.cpu_alarm_percent, missing = "notBreaching", what = "The instances of ${local.name} are short of CPU." }
    },
    var.database == null ? {} : {
      database-cpu         = { namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average", dimensions = { DBInstanceIdentifier = local.name }, comparison = "GreaterThanThreshold", threshold = var.observability.cpu_alarm_percent, missing = "notBreaching", what = "The database of ${local.name} is short of CPU." }
      database-storage     = { namespace = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum", dimensions = { DBInstanceIdentifier = local.name }, comparison = "LessThanThreshold", threshold = var.observability.database_storage_gb * 1073741824, missing = "notBreaching", what = "The database of ${local.name} has less than ${var.observability.database_storage_gb} GB left." }
      database-connections = { namespace = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum", dimensions = { DBInstanceIdentifier = local.name }, comparison = "GreaterThanThreshold", threshold = var.observability.database_connections, missing = "notBreaching", what = "The database of ${local.name} has more than ${var.observability.database_connections} connections." }
    }
  )
}

resource "aws_cloudwatch_metric_alarm" "people" {
  for_each            = var.observability.people_alarms ? local.people_alarms : {}
  alarm_name          = "${local.name}-people-${each.key}"
  alarm_description   = each.value.what
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  period              = local.period_seconds
  evaluation_periods  = 5
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}

# What one looks at during a deployment: which alarm is up, requests and errors, latency, who is healthy, how many
# instances there are, and how the database takes it.

locals {
  dashboard_charts = concat(
    [
      { title = "Requests and errors", stat = "Sum", metrics = [for name in ["RequestCount", "HTTPCode_Target_5XX_Count", local.balancer_errors] : concat(["AWS/ApplicationELB", name], local.request_chart_labels)] },
      { title = "Response time, p95", stat = "p95", metrics = [concat(["AWS/ApplicationELB", "TargetResponseTime"], local.request_chart_labels)] },
      { title = "Targets", stat = "Maximum", metrics = [for name in ["HealthyHostCount", "UnHealthyHostCount"] : ["AWS/ApplicationELB", name, "TargetGroup", aws_lb_target_group.service.arn_suffix, "LoadBalancer", local.load_balancer.arn_suffix]] },
      { title = "Instances", stat = "Maximum", metrics = [for name in ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTerminatingInstances", "GroupTotalInstances"] : ["AWS/AutoScaling", name, "AutoScalingGroupName", local.name]] },
      { title = "CPU of the instances", stat = "Average", metrics = [["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", local.name]] },
    ],
    [for database in local.database :
      { title = "CPU and connections of the database", stat = "Maximum", metrics = [for name in ["CPUUtilization", "DatabaseConnections"] : ["AWS/RDS", name, "DBInstanceIdentifier", local.name]] }
    ],
  )
}

resource "aws_cloudwatch_dashboard" "main" {
  count          = var.observability.dashboard ? 1 : 0
  dashboard_name = "${local.name}${var.name_suffix}"

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type   = "alarm"
        width  = 24
        height = 2
        x      = 0
        y      = 0
        properties = {
          title = "Alarms"
          alarms = concat(
            [aws_cloudwatch_metric_alarm.error_rate.arn, aws_cloudwatch_metric_alarm.healthy_hosts.arn, aws_cloudwatch_metric_alarm.latency.arn],
            [for alarm in aws_cloudwatch_metric_alarm.people : alarm.arn],
          )
        }
      }],
      [for index, chart in local.dashboard_charts : {
        type       = "metric"
        width      = 12
        height     = 6
        x          = 12 * (index % 2)
        y          = 2 + 6 * floor(index / 2)
        properties = { title = chart.title, stat = chart.stat, metrics = chart.metrics, region = var.region, period = local.period_seconds }
      }],
    )
  })
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch may not publish under the AWS-managed key, and alarms hold no secrets; a key of one's own is encryption.kms_key_arn
  count             = var.observability.notification_email == null ? 0 : 1
  name              = "${local.name}-alarms"
  kms_master_key_id = local.kms_key_arn.topic
}

resource "aws_sns_topic_subscription" "email" {
  count     = length(aws_sns_topic.alarms)
  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.observability.notification_email
}
