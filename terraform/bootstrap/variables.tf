variable "application" {
  type        = string
  description = "Name of the application; the registry's repository is called after it."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9]){1,19}$", var.application)) && length(var.application) <= 20
    error_message = "application: write 2 to 20 lower-case letters, digits and single hyphens, starting with a letter, such as \"shop\"."
  }
}

variable "region" {
  type        = string
  description = "AWS region of the registry."
  default     = "eu-north-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: write a region code such as eu-north-1."
  }
}

variable "untagged_image_days" {
  type        = number
  description = "Days after which an image without any tag is removed. Images with a tag stay: the registry does not know what runs."
  default     = 30
  nullable    = false

  validation {
    condition     = var.untagged_image_days >= 1 && var.untagged_image_days <= 365
    error_message = "untagged_image_days: write 1 to 365."
  }
}

variable "github" {
  type = object({
    repository           = string
    environments         = optional(set(string), ["dev", "staging", "prod"])
    create_oidc_provider = optional(bool, true)
    state_bucket         = optional(string)
    lock_table           = optional(string, "asg-deploy-locks")
    zones                = optional(map(string), {})
  })
  description = "The GitHub repository (owner/name) whose workflows may deploy, one role per environment; null makes no roles. `create_oidc_provider` false uses the one that the account has already. `zones` lets an environment have its certificate made: its name to the id of the Route 53 zone in which its role may then write."
  default     = null

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github.repository))
    error_message = "github.repository: write owner/name, such as example-org/shop."
  }

  validation {
    condition     = var.github == null || try(length(var.github.environments) > 0 && length(setsubtract(var.github.environments, ["dev", "staging", "prod"])) == 0, false)
    error_message = "github.environments: write one or more of dev, staging and prod; they are the names of the repository's GitHub environments."
  }

  validation {
    condition     = var.github == null || try(length(setsubtract(keys(var.github.zones), var.github.environments)) == 0 && alltrue([for id in values(var.github.zones) : can(regex("^[A-Z0-9]{1,32}$", id))]), false)
    error_message = "github.zones: write ids of Route 53 zones by environments of github.environments, such as { prod = \"Z0123456789ABC\" }."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags that every resource gets besides Application and ManagedBy."
  default     = {}
  nullable    = false
}
