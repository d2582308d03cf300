# The system that the instances boot: the newest of its kind, or the one that is named.

data "aws_ssm_parameter" "ami" {
  count = var.service.ami_id == null ? 1 : 0
  name  = local.newest_ami[var.service.system]
}

locals {
  newest_ami = {
    al2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.service.architecture}"
    ecs    = "/aws/service/ecs/optimized-ami/amazon-linux-2023/${var.service.architecture == "arm64" ? "arm64/" : ""}recommended/image_id"
  }

  # An image's own size is the least that EC2 takes.
  root_volume_gb = coalesce(var.service.root_volume_gb, var.service.system == "ecs" ? 30 : 16)

  # An id and not the parameter: a template that names a parameter can't be rolled back to.
  ami_id = var.service.ami_id == null ? nonsensitive(data.aws_ssm_parameter.ami[0].value) : var.service.ami_id
}
