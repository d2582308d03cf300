# What an instance may do: pull this one image, read this one path of parameters, write this one log, mark itself
# unhealthy; and what its application may.

data "aws_iam_policy_document" "instance_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "instance" {
  #checkov:skip=CKV_AWS_356:GetAuthorizationToken and the Session Manager channels can't be limited to a resource
  #checkov:skip=CKV_AWS_111:same: AWS defines no resource for the Session Manager channels
  statement {
    sid       = "RegistryLogin"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [local.repository_arn]
  }

  statement {
    sid       = "ReadConfiguration"
    actions   = ["ssm:GetParametersByPath"]
    resources = [local.parameter_path_arn, "${local.parameter_path_arn}/"]
  }

  # With AWS's own key, reading a parameter is enough.
  dynamic "statement" {
    for_each = local.kms_key_arn.parameters == null ? [] : [local.kms_key_arn.parameters]
    content {
      sid       = "DecryptConfiguration"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ssm.${var.region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }

  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.service.arn}:*"]
  }

  statement {
    sid       = "SetOwnInstanceHealth"
    actions   = ["autoscaling:SetInstanceHealth"]
    resources = [for name in values(local.groups) : "arn:${local.partition}:autoscaling:${var.region}:${local.account_id}:autoScalingGroup:*:autoScalingGroupName/${name}"]
  }

  # Session Manager instead of SSH. Not AmazonSSMManagedInstanceCore: that one may read every parameter of the account.
  statement {
    sid = "SessionManager"
    actions = [
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "instance" {
  name                 = "${local.name}-instance${var.name_suffix}"
  description          = "What an instance of ${local.name} may do"
  assume_role_policy   = data.aws_iam_policy_document.instance_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "instance" {
  name   = "instance"
  role   = aws_iam_role.instance.id
  policy = data.aws_iam_policy_document.instance.json
}

# What the application may do, besides: within the boundary, where there is one.

locals {
  # The container is a hop behind the instance.
  metadata_hop_limit = coalesce(var.service.metadata_hop_limit, length(var.service.permissions.policies) + length(var.service.permissions.policy_arns) > 0 ? 2 : 1)
}

resource "aws_iam_role_policy" "application" {
  for_each = var.service.permissions.policies
  name     = each.key
  role     = aws_iam_role.instance.id
  policy   = each.value
}

resource "aws_iam_role_policy_attachment" "application" {
  for_each   = var.service.permissions.policy_arns
  role       = aws_iam_role.instance.name
  policy_arn = each.value
}

resource "aws_iam_instance_profile" "instance" {
  name = "${local.name}-instance${var.name_suffix}"
  role = aws_iam_role.instance.name
}
