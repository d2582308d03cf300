# What the action gives.

variable "application" {
  type        = string
  description = "Name of the application."
}

variable "environment" {
  type        = string
  description = "The action's input of that name: dev, staging, prod or another."
}

variable "region" {
  type        = string
  description = "AWS region."
}

variable "image" {
  type        = string
  description = "Image to run, as repository@sha256:digest."

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: write repository@sha256:digest; a tag can move under a running group."
  }
}

# What exists, from environments/<environment>.tfvars.

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the instances, with a way to the registry."

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
    error_message = "subnet_ids: write at least two subnet-… ids, in different zones."
  }
}

variable "security_group_ids" {
  type        = list(string)
  description = "Groups of the instances; one of them lets the load balancer in on `port`."
}

variable "target_group_arn" {
  type        = string
  description = "Target group (type instance) whose health decides."

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:elasticloadbalancing:.*:targetgroup/", var.target_group_arn))
    error_message = "target_group_arn: write arn:aws:elasticloadbalancing:…:targetgroup/…"
  }
}

variable "instance_profile" {
  type        = string
  description = "Instance profile that may pull the image and call autoscaling:SetInstanceHealth."
}

variable "url" {
  type        = string
  description = "Where the load balancer answers."
}

# What may change.

variable "ami_id" {
  type        = string
  description = "System image: Amazon Linux 2023, its ECS-optimized kind, or one of yours with Docker and the AWS CLI."

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.ami_id))
    error_message = "ami_id: write an ami-… id."
  }
}

variable "root_volume_gb" {
  type        = number
  description = "Size of the disk. EC2 takes no less than the image has: 8 for Amazon Linux 2023, 30 for its ECS-optimized kind."
  default     = 30
}

variable "instance_type" {
  type        = string
  description = "EC2 type."
  default     = "t3.micro"
}

variable "port" {
  type        = number
  description = "Port of the container and of the target group."
  default     = 3000
}

variable "health_check_path" {
  type        = string
  description = "Path that answers 200 when the container can serve. It asks no database: what it refuses is replaced."
  default     = "/healthz"
}

variable "health_check_grace_period" {
  type        = number
  description = "Seconds from the launch in which a failed check replaces nothing: three minutes to boot and pull, one to start."
  default     = 240
}

variable "default_instance_warmup" {
  type        = number
  description = "Seconds from the launch after which an instance counts, and old ones go: longer than a boot takes."
  default     = 120
}
