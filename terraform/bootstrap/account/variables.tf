variable "region" {
  type        = string
  description = "AWS region that is asked; the provider is there for all of them."
  default     = "eu-north-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\"; write a region code such as eu-north-1."
  }

  validation {
    condition     = !startswith(var.region, "cn-")
    error_message = "region is \"${var.region}\", in China (aws-cn), whose service principals and endpoints are not known here: write a region of another partition, or a root of your own."
  }
}

variable "adopt" {
  type        = bool
  description = "Takes over the provider that the account has already, once; an application's bootstrap that made it has to forget it first."
  default     = false
  nullable    = false
}
