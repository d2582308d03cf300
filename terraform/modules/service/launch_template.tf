# What an instance is: Terraform makes a version of the template for each image and machine configuration.

locals {
  # As bash wants them: an editor of Windows ends lines with a character more, and bash takes that for a part of the command.
  boot_hooks = { for name in ["before", "after"] : name => trimspace(replace(var.service.boot_hooks[name], "\r\n", "\n")) if var.service.boot_hooks[name] != null }

  user_data = templatefile("${path.module}/user_data.sh.tftpl", {
    application             = var.application
    environment             = var.environment
    region                  = var.region
    image                   = var.image
    registry                = local.registry
    registry_region         = local.registry_region
    instance_port           = local.instance_port
    container_port          = var.service.container_port
    health_check_path       = var.load_balancer.health_check_path
    startup_timeout_seconds = var.service.startup_timeout_seconds
    parameter_path          = local.parameter_path
    required_parameters     = join(" ", local.required_parameters)
    placeholder             = local.placeholder
    configuration_version   = local.configuration_version
    log_group               = aws_cloudwatch_log_group.service.name
    hooks                   = local.boot_hooks
    hook_timeout_seconds    = var.service.boot_hooks.timeout_seconds
  })

  # Bytes, where length() counts letters.
  user_data_bytes = 3 * length(base64encode(local.user_data)) / 4 - length(regexall("=", base64encode(local.user_data)))
}

resource "aws_launch_template" "service" {
  #checkov:skip=CKV_AWS_341:a second hop only where service.permissions let the container have credentials
  #checkov:skip=CKV_AWS_88:public addresses only where the network has no NAT, behind a security group that lets in the load balancer alone
  name          = local.name
  description   = "${local.name}; one version is one image and one machine configuration"
  image_id      = local.ami_id
  instance_type = var.service.instance_type
  user_data     = base64encode(local.user_data)

  iam_instance_profile {
    arn = aws_iam_instance_profile.instance.arn
  }

  network_interfaces {
    associate_public_ip_address = local.instances_are_public
    security_groups             = concat([aws_security_group.service.id], var.service.security_group_ids)
    delete_on_termination       = true
  }

  # IMDSv2 only; one hop keeps the container away from the instance's role, unless it has permissions there.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = local.metadata_hop_limit
  }

  monitoring {
    enabled = var.observability.detailed_monitoring
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = local.root_volume_gb
      encrypted             = true
      kms_key_id            = local.kms_key_arn.volumes
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]
    content {
      resource_type = tag_specifications.value
      tags          = merge(local.tags, { Name = local.name })
    }
  }

  lifecycle {
    precondition {
      condition     = local.user_data_bytes <= 16384
      error_message = "The user data is ${local.user_data_bytes} bytes long and EC2 takes 16384; shorten service.boot_hooks (let a hook fetch what is long), or the names in secrets and settings."
    }

    precondition {
      condition     = !local.own_network || var.network.nat != "none" || !var.network.interface_endpoints || local.registry_region == var.region
      error_message = "The image is in ${local.registry_region}, and endpoints without NAT reach ${var.region} alone; set network.nat, or replicate the repository to ${var.region} and give that image."
    }
  }
}
