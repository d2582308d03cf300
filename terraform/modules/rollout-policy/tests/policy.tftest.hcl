# What is granted, as the provider writes it. No credentials, no network.

provider "aws" {
  region                      = "eu-north-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

variables {
  application            = "shop"
  environment            = "prod"
  region                 = "eu-north-1"
  state_bucket           = "states"
  autoscaling_group_name = "web"
  launch_template_id     = "lt-0123456789abcdef0"
}

run "rollback_and_status" {
  command = plan

  assert {
    condition     = !anytrue([for word in ["ecr:", "PassRole", "PutObject", "autoscaling:Update", "autoscaling:Delete"] : strcontains(output.json, word)])
    error_message = "Neither images nor roles, and nothing that changes the group, unless they are named."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(output.json).Statement : statement.Condition.ArnEquals["ec2:LaunchTemplate"] == "arn:aws:ec2:eu-north-1:123456789012:launch-template/lt-0123456789abcdef0" if statement.Sid == "Launch"])
    error_message = "Instances are launched from this template alone."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(output.json).Statement : endswith(statement.Resource, ":autoScalingGroupName/web") if statement.Sid == "Refresh"])
    error_message = "Refreshes of this group alone."
  }

  assert {
    condition     = length(jsonencode(jsondecode(output.json))) <= 6144
    error_message = "IAM takes 6,144 characters."
  }
}

run "deploy" {
  command = plan

  variables {
    push              = true
    instance_role_arn = "arn:aws:iam::123456789012:role/web"
    repository_arn    = "arn:aws:ecr:eu-north-1:111111111111:repository/shop"
  }

  assert {
    condition = toset([for statement in jsondecode(output.json).Statement : statement.Resource if contains(["Image", "HandRoleToInstances"], statement.Sid)]) == toset([
      "arn:aws:ecr:eu-north-1:111111111111:repository/shop", "arn:aws:iam::123456789012:role/web",
    ]) && strcontains(output.json, "ecr:PutImage")
    error_message = "One repository, also of another account, and one role."
  }
}

run "pause" {
  command = plan

  variables {
    pause = true
  }

  assert {
    condition = {
      for statement in jsondecode(output.json).Statement : statement.Sid => [statement.Action, statement.Resource] if contains(["Metrics", "Sizes"], statement.Sid)
      } == {
      Metrics = ["cloudwatch:GetMetricData", "*"]
      Sizes   = ["autoscaling:UpdateAutoScalingGroup", "arn:aws:autoscaling:eu-north-1:123456789012:autoScalingGroup:*:autoScalingGroupName/web"]
    }
    error_message = "What a pause needs, of this group alone."
  }
}

run "blue_green" {
  command = plan

  variables {
    push              = true
    instance_role_arn = "arn:aws:iam::123456789012:role/web"
    repository_arn    = "arn:aws:ecr:eu-north-1:111111111111:repository/shop"
    blue_green = {
      listener_rule_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/web/1/2/3"
      preview_rule_arn  = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/web/1/2/4"
      preview_header    = "X-Preview-Key"
      groups            = [{ autoscaling_group_name = "web", target_group_arn = "a" }, { autoscaling_group_name = "web-green", target_group_arn = "b" }]
      capacity          = { min = 2, max = 4 }
    }
  }

  assert {
    condition = { for statement in jsondecode(output.json).Statement : statement.Sid => toset(flatten([statement.Resource])) if contains(["Sizes", "Weights"], statement.Sid) } == {
      Sizes   = toset([for name in ["web", "web-green"] : "arn:aws:autoscaling:eu-north-1:123456789012:autoScalingGroup:*:autoScalingGroupName/${name}"])
      Weights = toset([for rule in [3, 4] : "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/web/1/2/${rule}"])
    }
    error_message = "Both groups are sized and both rules changed, and no others."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(output.json).Statement : toset(values(statement.Condition.StringEquals)[0]) == toset(["web", "web-green"]) if statement.Sid == "Console"])
    error_message = "Consoles of both groups."
  }

  assert {
    condition     = length(jsonencode(jsondecode(output.json))) <= 6144
    error_message = "A managed policy has 6,144 characters."
  }
}

run "refused_rules_and_groups" {
  command = plan

  variables {
    blue_green = {
      listener_rule_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/*"
      preview_rule_arn  = "preview"
      groups            = [{ autoscaling_group_name = "web" }]
    }
  }

  expect_failures = [var.blue_green]
}

run "refused" {
  command = plan

  variables {
    autoscaling_group_name = "web-*"
    launch_template_id     = "web"
    instance_role_arn      = "web"
    repository_arn         = "shop"
  }

  expect_failures = [var.autoscaling_group_name, var.launch_template_id, var.instance_role_arn, var.repository_arn]
}
