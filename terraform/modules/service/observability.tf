# Logs, and the alarms that stop a bad rollout.

locals {
  period_seconds = 60

  # Below this many healthy targets the rollout is eating capacity that it was not given.
  healthy_hosts_floor = max(1, ceil(var.capacity.min * var.service.min_healthy_percentage / 100))

  target_group_dimensions = { for key in keys(local.groups) : key => { LoadBalancer = local.load_balancer.arn_suffix, TargetGroup = aws_lb_target_group.service[key].arn_suffix } }

  # What a load balancer of our own counts is the service's; of a shared one only what is counted by target group. How often
  # it answered in a target's stead is not among that: connections that failed stand in for it.
  request_dimensions   = local.shared == null ? { blue = { LoadBalancer = local.load_balancer.arn_suffix } } : local.target_group_dimensions
  balancer_errors      = local.shared == null ? "HTTPCode_ELB_5XX_Count" : "TargetConnectionErrorCount"
  request_chart_labels = [for dimensions in values(local.request_dimensions) : flatten([for name, value in dimensions : [name, value]])]

  # With blue/green, healthy targets are counted in both groups, of which one is empty most of the time.
  healthy_hosts_metric = {
    namespace  = local.blue_green ? null : "AWS/ApplicationELB"
    metric     = local.blue_green ? null : "HealthyHostCount"
    statistic  = local.blue_green ? null : "Maximum"
    dimensions = local.blue_green ? null : local.target_group_dimensions.blue
  }
  healthy_hosts_queries = { for id, query in merge(
    { healthy = { label = "Healthy targets of both groups", expression = "SUM([${join(", ", [for key in keys(local.groups) : "FILL(${key}, 0)"])}])", dimensions = null } },
    { for key, dimensions in local.target_group_dimensions : key => { label = null, expression = null, dimensions = dimensions } },
  ) : id => query if local.blue_green }

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
  for_each            = local.request_dimensions
  alarm_name          = "${local.groups[each.key]}-error-rate"
  alarm_description   = "More than ${var.observability.error_rate_percent} % of the requests to ${local.groups[each.key]} are answered with a 5xx by its containers, or by the load balancer in their stead."
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
      dimensions  = each.value
      stat        = "Sum"
      period      = local.period_seconds
    }
  }

  metric_query {
    id = "target_errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = each.value
      stat        = "Sum"
      period      = local.period_seconds
    }
  }

  metric_query {
    id = "balancer_errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = local.balancer_errors
      dimensions  = each.value
      stat        = "Sum"
      period      = local.period_seconds
    }
  }
}

# Not UnHealthyHostCount: every instance that is still booting counts there, and would stop every rollout.
resource "aws_cloudwatch_metric_alarm" "healthy_hosts" {
  alarm_name          = "${local.name}-healthy-hosts"
  alarm_description   = "Fewer than ${local.healthy_hosts_floor} healthy targets behind ${local.name}."
  namespace           = local.healthy_hosts_metric.namespace
  metric_name         = local.healthy_hosts_metric.metric
  statistic           = local.healthy_hosts_metric.statistic
  dimensions          = local.healthy_hosts_metric.dimensions
  period              = local.blue_green ? null : local.period_seconds
  comparison_operator = "LessThanThreshold"
  threshold           = local.healthy_hosts_floor
  evaluation_periods  = var.observability.minutes_before_alarm
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  dynamic "metric_query" {
    for_each = local.healthy_hosts_queries
    content {
      id          = metric_query.key
      label       = metric_query.value.label
      expression  = metric_query.value.expression
      return_data = metric_query.value.expression != null

      dynamic "metric" {
        for_each = metric_query.value.dimensions[*]
        content {
          namespace   = "AWS/ApplicationELB"
          metric_name = "HealthyHostCount"
          dimensions  = metric.value
          stat        = "Maximum"
          period      = local.period_seconds
        }
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each            = local.groups
  alarm_name          = "${each.value}-latency"
  alarm_description   = "One request in twenty to ${each.value} takes longer than ${var.observability.latency_p95_seconds} s."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = local.target_group_dimensions[each.key]
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
      no-healthy-host = merge(local.healthy_hosts_metric, { comparison = "LessThanThreshold", threshold = 1, missing = "breaching", what = "Nobody answers for ${local.name}." })
    },
    { for key, name in local.groups : key == "blue" ? "cpu" : "cpu-${key}" =>
      { namespace = "AWS/EC2", metric = "CPUUtilization", statistic = "Average", dimensions = { AutoScalingGroupName = name }, comparison = "GreaterThanThreshold", threshold = var.observability.cpu_alarm_percent, missing = "notBreaching", what = "The instances of ${name} are short of CPU." }
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
  period              = each.value.metric == null ? null : local.period_seconds
  evaluation_periods  = 5
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  dynamic "metric_query" {
    for_each = { for id, query in local.healthy_hosts_queries : id => query if each.value.metric == null }
    content {
      id          = metric_query.key
      label       = metric_query.value.label
      expression  = metric_query.value.expression
      return_data = metric_query.value.expression != null

      dynamic "metric" {
        for_each = metric_query.value.dimensions[*]
        content {
          namespace   = "AWS/ApplicationELB"
          metric_name = "HealthyHostCount"
          dimensions  = metric.value
          stat        = "Maximum"
          period      = local.period_seconds
        }
      }
    }
  }
}

# What one looks at during a deployment: which alarm is up, requests and errors, latency, who is healthy, how many
# instances there are, and how the database takes it.

locals {
  dashboard_charts = concat(
    [
      { title = "Requests and errors", stat = "Sum", metrics = [for pair in setproduct(["RequestCount", "HTTPCode_Target_5XX_Count", local.balancer_errors], local.request_chart_labels) : concat(["AWS/ApplicationELB", pair[0]], pair[1])] },
      { title = "Response time, p95", stat = "p95", metrics = [for labels in local.request_chart_labels : concat(["AWS/ApplicationELB", "TargetResponseTime"], labels)] },
      { title = "Targets", stat = "Maximum", metrics = [for pair in setproduct(["HealthyHostCount", "UnHealthyHostCount"], keys(local.groups)) : ["AWS/ApplicationELB", pair[0], "TargetGroup", aws_lb_target_group.service[pair[1]].arn_suffix, "LoadBalancer", local.load_balancer.arn_suffix]] },
      { title = "Instances", stat = "Maximum", metrics = [for pair in setproduct(["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTerminatingInstances", "GroupTotalInstances"], values(local.groups)) : ["AWS/AutoScaling", pair[0], "AutoScalingGroupName", pair[1]]] },
      { title = "CPU of the instances", stat = "Average", metrics = [for name in values(local.groups) : ["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", name]] },
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
            values(aws_cloudwatch_metric_alarm.error_rate)[*].arn,
            [aws_cloudwatch_metric_alarm.healthy_hosts.arn],
            values(aws_cloudwatch_metric_alarm.latency)[*].arn,
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
