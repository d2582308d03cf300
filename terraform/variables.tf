# What the action gives on every run.

variable "application" {
  type        = string
  description = "Name of the application; every resource carries it."
  nullable    = false
}

variable "environment" {
  type        = string
  description = "dev, staging, prod or a name of your own; each has its own state, names and network."
  nullable    = false
}

variable "region" {
  type        = string
  description = "AWS region of every resource."
  default     = "eu-north-1"
  nullable    = false
}

variable "image" {
  type        = string
  description = "Image to run, as repository@sha256:digest."
  nullable    = false
}

# What an environment decides (environments/*.tfvars). Objects are `any`, because they go to the module as they come (but for
# database, which is put together in main.tf): their fields, what these are when left out and what is refused is declared
# once, in modules/service/variables.tf.

variable "network" {
  type        = any
  description = "The network to make, or the one to use."
  default     = {}
  nullable    = false
}

variable "capacity" {
  type        = any
  description = "Number of instances."
  default     = {}
  nullable    = false
}

variable "service" {
  type        = any
  description = "The machine and the container on it."
  default     = {}
  nullable    = false
}

variable "load_balancer" {
  type        = any
  description = "The load balancer, its health check and its certificate."
  default     = {}
  nullable    = false
}

variable "rollout" {
  type        = any
  description = "How instances come to another version: rolling, or blue-green."
  default     = {}
  nullable    = false
}

variable "database" {
  type        = any
  description = "A PostgreSQL database, or null for none. What it leaves out, database_defaults has."
  default     = null

  validation {
    condition     = var.database == null || can(keys(var.database))
    error_message = "database is an object, {} for one as the environment has it, or null for none."
  }
}

variable "database_defaults" {
  type        = any
  description = "What a database of this environment is like, where there is one."
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.database_defaults))
    error_message = "database_defaults is an object with fields of database."
  }
}

variable "settings" {
  type        = map(string)
  description = "Environment variables of the container that are no secrets, with their first values."
  default     = {}
  nullable    = false
}

variable "secrets" {
  type        = set(string)
  description = "Names of environment variables that are secret."
  default     = []
  nullable    = false
}

variable "observability" {
  type        = any
  description = "Logs, alarms and who hears of them."
  default     = {}
  nullable    = false
}

variable "encryption" {
  type        = any
  description = "A KMS key of your own instead of AWS's, and of what."
  default     = {}
  nullable    = false
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Permissions boundary of the instance role, as bootstrap/ gives it."
  default     = null
}

variable "name_suffix" {
  type        = string
  description = "Ends the names that an account has only once for all of its regions, as bootstrap/ gives it."
  default     = ""
  nullable    = false
}

variable "tags" {
  type        = map(string)
  description = "Tags that every resource gets besides Application, Environment and ManagedBy."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.tags) : !contains(["Application", "Environment", "ManagedBy", "Name"], name) && !startswith(lower(name), "aws:")])
    error_message = "tags: Application, Environment, ManagedBy and Name are set here (the deploy roles go by them) and aws: is AWS's own; write other names."
  }

  validation {
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html, which is stricter than some others.
    condition     = alltrue([for name, value in var.tags : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", name)) && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))])
    error_message = "tags: AWS takes names of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@; write \"R and D\" for \"R&D\"."
  }
}
