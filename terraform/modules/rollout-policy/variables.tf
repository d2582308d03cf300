variable "application" {
  type        = string
  description = "The action's input of that name."
  nullable    = false
}

variable "environment" {
  type        = string
  description = "The action's input of that name."
  nullable    = false
}

variable "region" {
  type        = string
  description = "AWS region of the group."
  nullable    = false
}

variable "autoscaling_group_name" {
  type        = string
  description = "The group that is rolled out."
  nullable    = false

  validation {
    condition     = !can(regex("[*?:]", var.autoscaling_group_name)) && var.autoscaling_group_name != ""
    error_message = "autoscaling_group_name is \"${var.autoscaling_group_name}\"; write the name of one group, without wildcards, such as \"shop-prod\"."
  }
}

variable "blue_green" {
  type = object({
    listener_rule_arn = string
    preview_rule_arn  = string
    groups            = list(object({ autoscaling_group_name = string }))
  })
  description = "The root's output `blue_green`, where the strategy is blue-green: both groups are sized, and both rules changed. Null for an instance refresh of the one group."
  default     = null

  validation {
    condition     = var.blue_green == null || try(alltrue([for arn in [var.blue_green.listener_rule_arn, var.blue_green.preview_rule_arn] : can(regex("^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener-rule/app/[^*?]+$", arn))]), false)
    error_message = "blue_green: listener_rule_arn and preview_rule_arn are ARNs of one rule each, such as \"arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/shop/…/…/…\"."
  }

  validation {
    condition     = var.blue_green == null || try(length(var.blue_green.groups) == 2 && alltrue([for group in var.blue_green.groups : can(regex("^[^*?:]+$", group.autoscaling_group_name))]), false)
    error_message = "blue_green.groups: write two groups, each with its autoscaling_group_name, without wildcards."
  }
}

variable "launch_template_id" {
  type        = string
  description = "The template whose versions are rolled out."
  nullable    = false

  validation {
    condition     = can(regex("^lt-[0-9a-f]{8,17}$", var.launch_template_id))
    error_message = "launch_template_id is \"${var.launch_template_id}\"; write an id, such as \"lt-0123456789abcdef0\"."
  }
}

variable "instance_role_arn" {
  type        = string
  description = "Role in the template's instance profile: AWS asks whether it may be handed to EC2. Null for a template without a profile."
  default     = null

  validation {
    condition     = var.instance_role_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*?]+$", var.instance_role_arn))
    error_message = "instance_role_arn is \"${coalesce(var.instance_role_arn, "null")}\"; write the ARN of one role, such as \"arn:aws:iam::123456789012:role/shop-prod-instance\"."
  }
}

variable "repository_arn" {
  type        = string
  description = "ECR repository of the image, in this account or another one. Null for a registry that is not ECR."
  default     = null

  validation {
    condition     = var.repository_arn == null || can(regex("^arn:aws[a-z-]*:ecr:[a-z0-9-]+:[0-9]{12}:repository/[^*?]+$", var.repository_arn))
    error_message = "repository_arn is \"${coalesce(var.repository_arn, "null")}\"; write the ARN of one repository, such as \"arn:aws:ecr:eu-north-1:123456789012:repository/shop\"."
  }
}

variable "pause" {
  type        = bool
  description = "Whether a rollout of one group may wait for a person (`pause-at`), or be gone on with by `promote` where its last checkpoint left it partly replaced: both set the version that the group launches. It may read metrics as well. With `blue_green` it always may."
  default     = false
  nullable    = false
}

variable "push" {
  type        = bool
  description = "Whether images are pushed as well, which `deploy` does and `rollback` and `status` do not."
  default     = false
  nullable    = false
}

variable "state_bucket" {
  type        = string
  description = "Bucket of the Terraform state, whose outputs say what is rolled out."
  nullable    = false
}
